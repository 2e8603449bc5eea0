/**
 * A command line against oclif's definitions, read as Podman's library (spf13/pflag) reads it.
 *
 * oclif's own parser differs where scripts written for Podman notice: `--rm=false` leaves an argument, a
 * flag given twice is an error, a value may not look like a flag, a missing argument is taken from standard
 * input, and arguments are sorted by their first occurrence, which turns `echo a b a` into `echo a a b`.
 * The definitions stay oclif's: help, man pages and the manifest come from the same objects.
 *
 * @see https://pkg.go.dev/github.com/spf13/pflag#hdr-Command_line_flag_syntax
 */
import type { Command, Interfaces } from '@oclif/core';
import { TspodError, UsageError } from '../errors.ts';
import { splitCommaList } from '../model/comma-list.ts';
import { isUnsetWhenEmpty } from './empty-values.ts';
import { nearest } from './nearest.ts';

export type FlagDefinitions = Interfaces.FlagInput;

export interface CommandLine {
  readonly flags: Record<string, unknown>;
  /** The flags that stood on the command line, by name. */
  readonly given: ReadonlySet<string>;
  /** Everything that is neither a flag nor a flag's value, in the order given. */
  readonly argv: readonly string[];
}

/**
 * Parse flags and arguments.
 *
 * @param options.interspersed whether flags may follow the first argument; they may not where a command line of the container follows
 * @param options.command as the user calls it, for the error text: `tspod run`
 * @throws {UsageError} for an unknown flag, a missing or a malformed value
 */
export async function parseCommandLine(
  words: readonly string[],
  definitions: FlagDefinitions,
  { interspersed, command }: { readonly interspersed: boolean; readonly command: string },
): Promise<CommandLine> {
  try {
    const { given: all, argv } = splitCommandLine(words, definitions, interspersed);
    const given = all.filter(({ name, value }) => value !== '' || !isUnsetWhenEmpty(name));
    return { flags: await evaluate(given, definitions), given: new Set(given.map(({ name }) => name)), argv };
  } catch (error) {
    if (!(error instanceof UsageError) || error.remedy !== undefined) throw error;
    throw new UsageError(error.message, { remedy: `${command} --help`, cause: error });
  }
}

/** Whether a flag of this kind takes the next word as its value. */
function takesValue(definition: Command.Flag.Any): boolean {
  return definition.type === 'option';
}

/** One use of a flag: the text after it, or whether a boolean was set. */
export interface Given {
  readonly name: string;
  /** As the user wrote it: `-p`, `--publish`. */
  readonly spelled: string;
  readonly value: string | boolean;
}

/**
 * Part a command line into flags and arguments, without looking at what the values mean.
 *
 * @throws {UsageError} for an unknown flag or a missing value
 */
export function splitCommandLine(
  words: readonly string[],
  definitions: FlagDefinitions,
  interspersed: boolean,
): { given: Given[]; argv: string[] } {
  const byWord = new Map<string, [name: string, definition: Command.Flag.Any]>();
  for (const [name, definition] of Object.entries(definitions)) {
    const longs = [name, ...(definition.aliases ?? [])].map((long) => `--${long}`);
    const shorts = [...(definition.char ? [definition.char] : []), ...(definition.charAliases ?? [])];
    for (const word of [...longs, ...shorts.map((short) => `-${short}`)]) byWord.set(word, [name, definition]);
  }
  const help = definitions['help'];
  if (help && !byWord.has('-h')) byWord.set('-h', ['help', help]); // Taken by --hostname in `run`, as in Podman.

  const given: Given[] = [];
  const argv: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      argv.push(...rest);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      argv.push(word);
      if (interspersed) continue;
      argv.push(...rest);
      break;
    }
    if (word.startsWith('--')) takeLong(word);
    else takeShorts(word);
  }
  return { given, argv };

  function takeLong(word: string): void {
    const equals = word.indexOf('=');
    const spelled = equals < 0 ? word : word.slice(0, equals);
    const [name, definition] = byWord.get(spelled) ?? [];
    if (!name || !definition) throw unknownFlag(spelled, byWord.keys());
    if (equals >= 0) return add(name, definition, spelled, word.slice(equals + 1));
    if (!takesValue(definition)) return add(name, definition, spelled, 'true');
    const value = rest.shift();
    if (value === undefined) throw new UsageError(`flag needs an argument: ${spelled}`);
    add(name, definition, spelled, value);
  }

  /** `-it`, `-p80`, `-p=80`, `-itp 80` */
  function takeShorts(word: string): void {
    for (let at = 1; at < word.length; at++) {
      const short = word.charAt(at);
      const [name, definition] = byWord.get(`-${short}`) ?? [];
      if (!name || !definition) throw new UsageError(`unknown shorthand flag: '${short}' in ${word}`);
      const tail = word.slice(at + 1);
      if (tail.startsWith('=')) return add(name, definition, `-${short}`, tail.slice(1));
      if (!takesValue(definition)) {
        add(name, definition, `-${short}`, 'true');
        continue;
      }
      const value = tail === '' ? rest.shift() : tail;
      if (value === undefined) throw new UsageError(`flag needs an argument: '${short}' in ${word}`);
      return add(name, definition, `-${short}`, value);
    }
  }

  function add(name: string, definition: Command.Flag.Any, spelled: string, text: string): void {
    given.push({ name, spelled, value: takesValue(definition) ? text : parseBoolean(text, label(name, definition)) });
  }
}

function unknownFlag(spelled: string, known: Iterable<string>): UsageError {
  const meant = nearest(
    [...known].filter((word) => word.startsWith('--')),
    spelled,
  );
  return new UsageError(`unknown flag: ${spelled}`, {
    remedy: meant === undefined ? undefined : `Did you mean ${meant}?`,
  });
}

async function evaluate(given: readonly Given[], definitions: FlagDefinitions): Promise<Record<string, unknown>> {
  const flags: Record<string, unknown> = {};
  for (const { name, value } of given) {
    const definition = definitions[name];
    if (!definition) continue;
    if (typeof value === 'boolean') {
      flags[name] = value;
      continue;
    }
    if (!isMultiple(definition)) {
      flags[name] = await parseValue(definition, label(name, definition), value);
      continue;
    }
    const list = ((flags[name] as unknown[] | undefined) ??= []);
    for (const part of definition.delimiter === ',' ? splitCommaList(value) : [value]) {
      list.push(await parseValue(definition, label(name, definition), part));
    }
  }
  for (const [name, definition] of Object.entries(definitions)) {
    if (name in flags) continue;
    const fallback: unknown = definition.type === 'boolean' ? (definition.default ?? false) : definition.default;
    if (fallback !== undefined && typeof fallback !== 'function') flags[name] = fallback;
  }
  return flags;
}

function isMultiple(definition: Command.Flag.Any): definition is Command.Flag.Any & { type: 'option' } {
  return definition.type === 'option' && definition.multiple === true;
}

/** As pflag names it in its errors: `-p, --publish`. */
function label(name: string, { char }: Command.Flag.Any): string {
  return char ? `-${char}, --${name}` : `--${name}`;
}

async function parseValue(definition: Command.Flag.Any, label: string, text: string): Promise<unknown> {
  if (definition.type !== 'option' || !('parse' in definition)) return text;
  const allowed = definition.options;
  try {
    const value: unknown = await definition.parse(text, undefined as never, definition); // It may know better why not.
    if (!allowed || allowed.includes(text)) return value;
    throw new UsageError(`it is one of ${allowed.join(', ')}`);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new UsageError(`invalid argument "${text}" for "${label}" flag: ${withoutRepeat(error.message, text)}`, {
      remedy: error.remedy,
      cause: error,
      exitCode: error.exitCode,
    });
  }
}

/** `"64q" is not a size` after `invalid argument "64q"`. */
function withoutRepeat(message: string, text: string): string {
  return message.startsWith(`"${text}" is`) ? `it${message.slice(text.length + 2)}` : message;
}

/** Go's strconv.ParseBool. */
function parseBoolean(text: string, label: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new UsageError(`invalid argument "${text}" for "${label}" flag: it is either "true" or "false"`);
}
