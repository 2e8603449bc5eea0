/** Patterns for the names of files: `*`, `?`, `[a-z]`, `[^a]`, and a backslash before what is meant as it is. */

/** Does the text have one of the characters of a pattern? */
export function isGlob(text: string): boolean {
  return /[*?[\\]/.test(text);
}

/**
 * Compile a pattern for one name, without slashes; undefined when it is malformed.
 *
 * @see https://pkg.go.dev/path/filepath#Match
 */
export function compileGlob(pattern: string): RegExp | undefined {
  let source = '';
  for (let rest = pattern; rest !== '';) {
    const [token] = /^(?:\*|\?|\[(?!\^?\])\^?(?:\\.|[^\\\]])+\]|\\.|[^[\\])/su.exec(rest) ?? [];
    if (token === undefined) return undefined;
    source += compileToken(token);
    rest = rest.slice(token.length);
  }
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch {
    return undefined; // A range the wrong way round.
  }
}

function compileToken(token: string): string {
  if (token === '*') return '.*';
  if (token === '?') return '.';
  if (token.startsWith('[')) return token.replaceAll(/(?<!^)\[/g, '\\[');
  const character = token.startsWith('\\') ? token.slice(1) : token;
  return character.replace(/[$()*+./?[\\\]^{|}]/, '\\$&');
}
