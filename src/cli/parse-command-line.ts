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
import type { Command } from '@oclif/core';
import { TspodError, UsageError } from '../errors.ts';
import { splitCommaList } from '../model/comma-list.ts';
import { isUnsetWhenEmpty } from './empty-values.ts';
import { labelOf, splitCommandLine, type FlagDefinitions, type Given } from './split-command-line.ts';

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
    const { given: all, argv } = splitCommandLine(words, definitions, { interspersed });
    const given = all.filter(({ name, value }) => value !== '' || !isUnsetWhenEmpty(name));
    return { flags: await evaluate(given, definitions), given: new Set(given.map(({ name }) => name)), argv };
  } catch (error) {
    if (!(error instanceof UsageError) || error.remedy !== undefined) throw error;
    throw new UsageError(error.message, { remedy: `${command} --help`, cause: error });
  }
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
      flags[name] = await parseValue(definition, labelOf(name, definition), value);
      continue;
    }
    const list = ((flags[name] as unknown[] | undefined) ??= []);
    for (const part of definition.delimiter === ',' ? splitCommaList(value) : [value]) {
      list.push(await parseValue(definition, labelOf(name, definition), part));
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

async function parseValue(definition: Command.Flag.Any, label: string, text: string): Promise<unknown> {
  if (definition.type !== 'option' || !('parse' in definition)) return text;
  const allowed = definition.options;
  try {
    const value: unknown = await definition.parse(text, undefined as never, definition); // It may know better why not.
    if (!allowed || allowed.includes(typeof value === 'string' ? value : text)) return value;
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
