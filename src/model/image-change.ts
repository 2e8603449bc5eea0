/** Instructions that change the config of an image, as `import --change` and `commit --change` take them: Containerfile(5). */
import { UsageError } from '../errors.ts';
import type { ImageConfig } from './oci-image.ts';
import { parseSignal } from './signal.ts';

/** What runs, and how: the inner `config` of an image's config. */
export type ImageSettings = NonNullable<ImageConfig['config']>;

export type ImageChange = (settings: ImageSettings) => ImageSettings;

/**
 * Parse one instruction: `CMD ["ls"]`, `ENV A=b C="d e"`, also with `=` after the instruction's name.
 *
 * @throws {UsageError} when there is no such instruction, or its value is malformed
 */
export function parseImageChange(text: string): ImageChange {
  const [, word = '', value = ''] = /^\s*([A-Za-z]+)(?:\s+|=)(.*?)\s*$/s.exec(text) ?? [];
  const parse = Object.hasOwn(INSTRUCTIONS, word.toUpperCase()) ? INSTRUCTIONS[word.toUpperCase()] : undefined;
  if (parse === undefined || value === '') {
    throw new UsageError(`"${text}" is not a change of an image`, {
      remedy: `Write INSTRUCTION VALUE with one of ${listImageChanges().join(', ')}: 'CMD ["ls", "-l"]'`,
    });
  }
  return parse(value);
}

/** The instructions that there are. */
export function listImageChanges(): string[] {
  return Object.keys(INSTRUCTIONS);
}

/** What replaces the fields of an image that it has itself; what is empty replaces nothing. */
export function replaceSettings(replacing: ImageSettings): ImageChange {
  const isEmpty = (value: unknown) =>
    value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  const fields = Object.entries(replacing).filter(([, value]) => !isEmpty(value));
  return (settings) => ({ ...settings, ...(Object.fromEntries(fields) as ImageSettings) });
}

/** Settings without the fields of these names. */
export function withoutSettings(settings: ImageSettings, ...names: readonly (keyof ImageSettings)[]): ImageSettings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.some((other) => other === name)));
}

const INSTRUCTIONS: Readonly<Record<string, (value: string) => ImageChange>> = {
  CMD: (value) => (settings) => ({ ...settings, Cmd: commandOf(value) }),
  ENTRYPOINT: (value) => (settings) => ({ ...settings, Entrypoint: commandOf(value) }),
  ENV: (value) => {
    const pairs = pairsOf(value, 'ENV');
    return (settings) => ({ ...settings, Env: withVariables(settings.Env ?? [], pairs) });
  },
  EXPOSE: (value) => {
    const ports = Object.fromEntries(wordsOf(value).map((port) => [portOf(port), {}]));
    return (settings) => ({ ...settings, ExposedPorts: { ...settings.ExposedPorts, ...ports } });
  },
  LABEL: (value) => {
    const labels = Object.fromEntries(pairsOf(value, 'LABEL'));
    return (settings) => ({ ...settings, Labels: { ...settings.Labels, ...labels } });
  },
  ONBUILD: (value) => (settings) => ({ ...settings, OnBuild: [...(settings.OnBuild ?? []), value] }),
  STOPSIGNAL: (value) => {
    parseSignal(value);
    return (settings) => ({ ...settings, StopSignal: value });
  },
  USER: (value) => (settings) => ({ ...settings, User: value }),
  VOLUME: (value) => {
    const volumes = Object.fromEntries((listOf(value) ?? wordsOf(value)).map((path) => [path, {}]));
    return (settings) => ({ ...settings, Volumes: { ...settings.Volumes, ...volumes } });
  },
  WORKDIR: (value) => (settings) => ({ ...settings, WorkingDir: value }),
};

/** A JSON list is a command as it is, anything else is for a shell. */
function commandOf(value: string): string[] {
  return listOf(value) ?? ['/bin/sh', '-c', value];
}

function listOf(value: string): string[] | undefined {
  if (!value.startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(value);
    if (Array.isArray(list) && list.every((word) => typeof word === 'string')) return list;
  } catch {
    return undefined; // A shell has a command of this name: test(1).
  }
  return undefined;
}

/** `A=b C="d e"`, or the old form `A the rest`. The quotes of `A={"b": "c d"}` are JSON's own. */
function pairsOf(value: string, instruction: string): [key: string, value: string][] {
  const [, key, json] = /^([^\s="']+)=([[{].*)$/s.exec(value) ?? [];
  if (key !== undefined && json !== undefined && isJson(json)) return [[key, json]];
  const words = wordsOf(value);
  const [first = ''] = words;
  if (!first.includes('=')) return [[first, value.slice(first.length).trim()]];
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
    throw new UsageError(`"${value}" is not what ${instruction} takes`, { remedy: `Write: ${instruction} KEY=VALUE` });
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Words as a shell parts them: quotes keep blanks, a backslash keeps one character. */
function wordsOf(value: string): string[] {
  const words = value.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_, quoted?: string, plain?: string, escaped?: string) =>
      quoted === undefined ? (plain ?? escaped ?? '') : quoted.replace(/\\(.)/gs, '$1'),
    ),
  );
}

function withVariables(before: readonly string[], pairs: readonly (readonly [string, string])[]): string[] {
  const variables = new Map(before.map((line) => [line.split('=', 1)[0] ?? '', line]));
  for (const [key, value] of pairs) variables.set(key, `${key}=${value}`);
  return [...variables.values()];
}

function portOf(text: string): string {
  const [, port, protocol = 'tcp'] = /^([1-9]\d{0,4})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (port !== undefined && Number(port) <= 65_535) return `${port}/${protocol}`;
  throw new UsageError(`"${text}" is not a port`, { remedy: 'Write a port, and a protocol if it is not TCP: 53/udp' });
}
