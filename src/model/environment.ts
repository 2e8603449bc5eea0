import { UsageError } from '../errors.ts';

/** The environment of the process that reads the command line. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Resolve `--env`: `NAME=VALUE` as it is but for blanks before it, `NAME` with the value it has here (nothing when it has
 * none), `NAME*` for all that begin so.
 *
 * @throws {UsageError} when there is no name
 */
export function resolveVariable(given: string, environment: Environment): string[] {
  const text = given.replace(/^[ \t]+/, '');
  if (text === '' || text.startsWith('=')) {
    throw new UsageError(`"${text}" is not an environment variable: it has no name`, {
      remedy: 'Write NAME=VALUE: LANG=C',
    });
  }
  if (text.includes('=')) return [text];
  const named = text.endsWith('*')
    ? Object.keys(environment).filter((name) => name.startsWith(text.slice(0, -1)))
    : [text];
  return named.flatMap((name) => (environment[name] === undefined ? [] : [`${name}=${environment[name]}`]));
}

/**
 * Check `--env-merge`: `NAME=VALUE`.
 *
 * @throws {UsageError} when there is no name or no value
 */
export function parseMergedVariable(text: string): string {
  if (/^[^=]+=/.test(text)) return text;
  throw new UsageError(`"${text}" is not an environment variable with a value`, {
    remedy: 'Write NAME=VALUE: PATH=${PATH}:/opt/bin',
  });
}

/** Replace `$NAME` and `${NAME}` by what the variables say, nothing where they do not; `\\$` is a dollar sign. */
export function expandVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\\\$|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (found, braced?: string, bare?: string) =>
    found === '\\$' ? '$' : (variables.get(braced ?? bare ?? '') ?? ''),
  );
}

/**
 * Read an `--env-file`: a variable a line, as `--env` takes it; `#` begins a comment, blank lines are skipped, nothing is
 * unquoted or cut off.
 *
 * @param path only for the error text
 */
export function parseEnvironmentFile(content: string, path: string, environment: Environment): string[] {
  return content.split('\n').flatMap((raw, index) => {
    const line = raw.replace(/\r$/, '').replace(/^[ \t]+/, '');
    if (line === '' || line.startsWith('#')) return [];
    if (!line.startsWith('=')) return resolveVariable(line, environment);
    throw new UsageError(`line ${index + 1} of "${path}" is not an environment variable: "${line}"`, {
      remedy: 'Write NAME=VALUE, one a line: LANG=C',
    });
  });
}
