/** What may come next on a command line: for the shells, from oclif's manifest and from what there is. */
import {
  NOTHING,
  type Completion,
  type Manifest,
  type ManifestCommand,
  type ManifestFlag,
  type Names,
} from './manifest.ts';
import { argumentValues, flagValues } from './values.ts';

/**
 * Complete a command line.
 *
 * @param words what stands behind `tspod`; the last is the one that is being written, and may be empty
 */
export async function complete(manifest: Manifest, words: readonly string[], names: Names): Promise<Completion> {
  const begun = words.at(-1) ?? '';
  const table = commandTable(manifest);
  const found = findCommand(table, words.slice(0, -1));
  if (found.command === undefined && found.pending === undefined && !begun.startsWith('-')) {
    return subcommands(table, found.path, begun);
  }
  const command = found.command ?? Object.values(manifest.commands).find(({ hidden }) => hidden);
  if (command === undefined) return NOTHING;
  const { args, pending, isOver } =
    found.command === undefined ? { args: 0, pending: found.pending, isOver: false } : readWords(command, found.rest);
  const name = found.path.join(' ');
  if (pending !== undefined) return matching(await flagValues(pending, command, { name, begun, names }), begun);
  const [, flag, value] = /^--([\w-]+)=(.*)$/s.exec(begun) ?? [];
  if (!isOver && flag !== undefined && value !== undefined) {
    const values = matching(await flagValues(flag, command, { name, begun: value, names }), value);
    return { ...values, candidates: values.candidates.map((one) => ({ ...one, value: `--${flag}=${one.value}` })) };
  }
  if (!isOver && begun.startsWith('-')) return flagNames(command, begun);
  return matching(await argumentValues(command, args, { name, begun, names }), begun);
}

/** `container run` -> its command. */
function commandTable(manifest: Manifest): Map<string, ManifestCommand> {
  const visible = Object.entries(manifest.commands).filter(([, { hidden }]) => !hidden);
  return new Map(
    visible.flatMap(([id, command]) =>
      [id, ...command.aliases].map((name) => [name.replaceAll(':', ' '), command] as const),
    ),
  );
}

interface Found {
  /** The words that name a command or a topic. */
  readonly path: readonly string[];
  readonly command?: ManifestCommand | undefined;
  readonly rest: readonly string[];
  /** The flag before any command whose value comes next. */
  readonly pending?: string | undefined;
}

/** The longest name of a command at the beginning, behind options of every command. */
function findCommand(table: ReadonlyMap<string, ManifestCommand>, words: readonly string[]): Found {
  const [any] = table.values();
  let start = 0;
  while (words[start]?.startsWith('-')) {
    const flag = any === undefined ? undefined : findFlag(any, words[start] ?? '');
    const hasOwnWord = flag?.definition.type === 'option' && !words[start]?.includes('=');
    if (hasOwnWord && start === words.length - 1) return { path: [], rest: [], pending: flag.name };
    start += hasOwnWord ? 2 : 1;
  }
  const behind = words.slice(start);
  for (let count = Math.min(behind.length, 3); count > 0; count--) {
    const path = behind.slice(0, count);
    const command = table.get(path.join(' '));
    if (command !== undefined) return { path, command, rest: behind.slice(count) };
  }
  return { path: behind, rest: [] };
}

function subcommands(table: ReadonlyMap<string, ManifestCommand>, path: readonly string[], begun: string): Completion {
  const prefix = path.map((word) => `${word} `).join('');
  const next = new Map<string, string>();
  for (const [name, { description }] of [...table].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(prefix)) continue;
    const [word = '', ...more] = name.slice(prefix.length).split(' ');
    if (!next.has(word)) next.set(word, more.length > 0 ? `manage ${word}s` : description);
  }
  return matching({ candidates: [...next].map(([value, about]) => ({ value, about })), files: false }, begun);
}

interface Read {
  /** How many arguments there are. */
  readonly args: number;
  /** The flag whose value comes next. */
  readonly pending?: string | undefined;
  /** No flag can follow: `--`, or the command line of a container has begun. */
  readonly isOver: boolean;
}

/** As split-command-line.ts reads them; what is unknown counts as a flag without a value. */
function readWords(command: ManifestCommand, words: readonly string[]): Read {
  let args = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return { args: args + words.length - at - 1, isOver: true };
    if (!word.startsWith('-') || word === '-') {
      args++;
      if (command.interspersed === false) return { args: words.length - at, isOver: true };
      continue;
    }
    const flag = findFlag(command, word);
    if (flag?.definition.type !== 'option' || word.includes('=') || flag.hasValue) continue;
    if (at === words.length - 1) return { args, pending: flag.name, isOver: false };
    at++;
  }
  return { args, isOver: false };
}

interface FoundFlag {
  readonly name: string;
  readonly definition: ManifestFlag;
  /** In the word itself: `-p80`. */
  readonly hasValue: boolean;
}

function findFlag({ flags }: ManifestCommand, word: string): FoundFlag | undefined {
  if (word.startsWith('--')) {
    const long = word.slice(2).replace(/=.*$/s, '');
    const entry = Object.entries(flags).find(([name, { aliases }]) => name === long || aliases?.includes(long));
    return entry && { name: entry[0], definition: entry[1], hasValue: false };
  }
  for (let at = 1; at < word.length; at++) {
    const entry = Object.entries(flags).find(([, { char }]) => char === word.charAt(at));
    if (entry === undefined) return undefined;
    if (entry[1].type === 'option' || at === word.length - 1) {
      return { name: entry[0], definition: entry[1], hasValue: at < word.length - 1 };
    }
  }
  return undefined;
}

function flagNames({ flags }: ManifestCommand, begun: string): Completion {
  const candidates = Object.entries(flags)
    .filter(([, { hidden }]) => !hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { char, description: about }]) => [
      { value: `--${name}`, about },
      ...(char !== undefined && !begun.startsWith('--') ? [{ value: `-${char}`, about }] : []),
    ]);
  return matching({ candidates, files: false }, begun);
}

function matching({ candidates, files }: Completion, begun: string): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(begun)), files };
}
