/** A command line parted into flags and arguments, without a look at what the values mean. */
import type { Command, Interfaces } from '@oclif/core';
import { UsageError } from '../errors.ts';
import { readBoolean } from '../model/boolean.ts';
import { nearest } from './nearest.ts';

export type FlagDefinitions = Interfaces.FlagInput;

/** One use of a flag: the text after it, or whether a boolean was set. */
export interface Given {
  readonly name: string;
  /** As the user wrote it: `-p`, `--publish`. */
  readonly spelled: string;
  readonly value: string | boolean;
}

interface KnownFlag {
  readonly name: string;
  readonly definition: Command.Flag.Any;
}

/** Flags by all that stands for them: `--publish`, `-p`. */
type KnownFlags = ReadonlyMap<string, KnownFlag>;

/**
 * @param options.interspersed whether flags may follow the first argument
 * @throws {UsageError} for an unknown flag or a missing value
 */
export function splitCommandLine(
  words: readonly string[],
  definitions: FlagDefinitions,
  { interspersed }: { readonly interspersed: boolean },
): { given: Given[]; argv: string[] } {
  const known = knownFlags(definitions);
  const given: Given[] = [];
  const argv: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') return { given, argv: [...argv, ...rest] };
    if (word.startsWith('--')) given.push(readLong(word, rest, known));
    else if (word.startsWith('-') && word !== '-') given.push(...readShorts(word, rest, known));
    else if (interspersed) argv.push(word);
    else return { given, argv: [...argv, word, ...rest] };
  }
  return { given, argv };
}

function knownFlags(definitions: FlagDefinitions): KnownFlags {
  const known = new Map<string, KnownFlag>();
  for (const [name, definition] of Object.entries(definitions)) {
    const longs = [name, ...(definition.aliases ?? [])].map((long) => `--${long}`);
    const shorts = [...(definition.char ? [definition.char] : []), ...(definition.charAliases ?? [])];
    for (const word of [...longs, ...shorts.map((short) => `-${short}`)]) known.set(word, { name, definition });
  }
  const help = definitions['help'];
  if (help && !known.has('-h')) known.set('-h', { name: 'help', definition: help }); // Taken by --hostname in `run`, as in Podman.
  return known;
}

/** `--rm`, `--rm=false`, `--name web`, `--name=web`; a value that follows is taken off `rest`. */
function readLong(word: string, rest: string[], known: KnownFlags): Given {
  const equals = word.indexOf('=');
  const spelled = equals < 0 ? word : word.slice(0, equals);
  const flag = known.get(spelled);
  if (!flag) throw unknownFlag(spelled, known);
  if (equals >= 0) return give(flag, spelled, word.slice(equals + 1));
  if (!takesValue(flag.definition)) return give(flag, spelled, 'true');
  const value = rest.shift();
  if (value === undefined) throw new UsageError(`flag needs an argument: ${spelled}`);
  return give(flag, spelled, value);
}

/** `-it`, `-p80`, `-p=80`, `-itp 80` */
function readShorts(word: string, rest: string[], known: KnownFlags): Given[] {
  const given: Given[] = [];
  for (let at = 1; at < word.length; at++) {
    const short = word.charAt(at);
    const flag = known.get(`-${short}`);
    if (!flag) throw new UsageError(`unknown shorthand flag: '${short}' in ${word}`);
    const tail = word.slice(at + 1);
    if (tail.startsWith('=')) return [...given, give(flag, `-${short}`, tail.slice(1))];
    if (takesValue(flag.definition)) {
      const value = tail === '' ? rest.shift() : tail;
      if (value === undefined) throw new UsageError(`flag needs an argument: '${short}' in ${word}`);
      return [...given, give(flag, `-${short}`, value)];
    }
    given.push(give(flag, `-${short}`, 'true'));
  }
  return given;
}

/** Whether the next word is the flag's. */
function takesValue(definition: Command.Flag.Any): boolean {
  return definition.type === 'option';
}

function give({ name, definition }: KnownFlag, spelled: string, text: string): Given {
  if (takesValue(definition)) return { name, spelled, value: text };
  const value = readBoolean(text);
  if (value !== undefined) return { name, spelled, value };
  const flag = labelOf(name, definition);
  throw new UsageError(`invalid argument "${text}" for "${flag}" flag: it is either "true" or "false"`);
}

/** As pflag names it in its errors: `-p, --publish`. */
export function labelOf(name: string, { char }: Command.Flag.Any): string {
  return char ? `-${char}, --${name}` : `--${name}`;
}

function unknownFlag(spelled: string, known: KnownFlags): UsageError {
  const meant = nearest(
    [...known.keys()].filter((word) => word.startsWith('--')),
    spelled,
  );
  return new UsageError(`unknown flag: ${spelled}`, {
    remedy: meant === undefined ? undefined : `Did you mean ${meant}?`,
  });
}
