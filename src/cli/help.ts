/** `--help`, in Podman's layout, from oclif's definitions. */
import type { Command } from '@oclif/core';
import type { CommandClass } from './base-command.ts';
import { nearest } from './nearest.ts';

export interface HelpOptions {
  /** Of the terminal; without one no line is broken. */
  readonly columns?: number | undefined;
}

/** The help of one command. */
export function commandHelp(command: CommandClass, called: string, { columns }: HelpOptions = {}): string {
  const usage = command.usage.replace(/^(?:[a-z-]+ ?)+(?=[[A-Z]|$)/, ''); // It may have been called by another name.
  const own = Object.entries(command.flags).filter(([, flag]) => !flag.hidden);
  const shared = Object.entries(command.baseFlags).filter(([name, flag]) => !flag.hidden && !(name in command.flags));
  return [
    sentence(command.description),
    `Usage:\n  tspod ${called} ${usage}`,
    ...(command.examples.length > 0 ? [`Examples:\n${indent(command.examples)}`] : []),
    ...(own.length > 0 ? [`Options:\n${flagTable(own, columns)}`] : []),
    `Global options:\n${flagTable(shared, columns)}`,
  ]
    .join('\n\n')
    .concat('\n');
}

/**
 * The commands below a topic, `container`, or all of them; undefined when there is no such topic.
 *
 * @param manifest oclif.manifest.json
 */
export function topicHelp(manifest: unknown, topic: string, { columns }: HelpOptions = {}): string | undefined {
  const commands = Object.entries((manifest as { commands: Record<string, ManifestCommand> }).commands);
  const rows = new Map<string, Row>();
  for (const [id, command] of commands) {
    const { aliases, description, hidden } = command;
    if (hidden) continue;
    for (const name of mainNames([id, ...aliases])) {
      const [first = '', ...rest] = name.split(':');
      if (topic === '' && rest.length === 0) rows.set(first, { text: description, group: groupOf(first, aliases) });
      else if (topic === '') rows.set(first, { text: aboutTopic(first), group: 'Groups of Commands' });
      else if (first === topic && rest.length > 0)
        rows.set(rest.join(' '), { text: description, group: 'Available Commands' });
    }
  }
  if (rows.size === 0) return undefined;
  const prefix = topic === '' ? 'tspod' : `tspod ${topic}`;
  const list = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...list.map(([name]) => name.length)) + 2;
  const groups = GROUPS.flatMap((group) => {
    const lines = list.filter(([, row]) => row.group === group);
    if (lines.length === 0) return [];
    const rows = lines.map(([name, { text }]) => [name, sentence(text)] as const);
    return [`${group}:\n${table(rows, width, columns)}`];
  });
  return [
    topic === '' ? 'Run and look after containers, without root and without a daemon' : sentence(aboutTopic(topic)),
    `Usage:\n  ${prefix} [options] [command]`,
    ...groups,
    `Use "${prefix} [command] --help" for more information about a command.`,
  ]
    .join('\n\n')
    .concat('\n');
}

/** The command that somebody may have meant: of two words, else of one. */
export function similarCommands(names: readonly string[], words: readonly string[]): string | undefined {
  for (const count of [2, 1]) {
    const found = nearest(
      names.filter((name) => !name.startsWith('__') && name.split(' ').length === count),
      words.slice(0, count).join(' '),
    );
    if (found !== undefined && words.length >= count) return found;
  }
  return undefined;
}

interface Row {
  readonly text: string;
  readonly group: (typeof GROUPS)[number];
}

/** As they follow each other in `tspod --help`. */
const GROUPS = [
  'Available Commands',
  'Containers',
  'Images and Registries',
  'System and Settings',
  'Groups of Commands',
] as const;

const REGISTRY = ['pull', 'push', 'login', 'logout', 'search', 'images', 'manifest', 'build'];
const TOPICS: Readonly<Record<string, string>> = {
  generate: 'write units for systemd',
  healthcheck: 'run the health check of a container',
  secret: 'manage passwords and keys that containers get',
  system: 'look after the store as a whole',
};

function aboutTopic(topic: string): string {
  return TOPICS[topic] ?? `manage ${topic}s`;
}

/** Of the names that a command has in one place only the first: the others are for those who know them. */
function mainNames(names: readonly string[]): string[] {
  const topicOf = (name: string) => name.slice(0, name.lastIndexOf(':') + 1);
  return names.filter((name, index) => names.findIndex((other) => topicOf(other) === topicOf(name)) === index);
}

/** A command that is one of `container` or `image` as well tells by that what it is about. */
function groupOf(name: string, aliases: readonly string[]): Row['group'] {
  if (name === 'diff') return 'Containers'; // `container diff` and `image diff` are commands of their own.
  if (aliases.some((alias) => alias.startsWith('container:'))) return 'Containers';
  if (REGISTRY.includes(name) || aliases.some((alias) => alias.startsWith('image:'))) return 'Images and Registries';
  return 'System and Settings';
}

interface ManifestCommand {
  readonly aliases: readonly string[];
  readonly description: string;
  readonly hidden: boolean;
}

function flagTable(flags: readonly [string, Command.Flag.Any][], columns?: number): string {
  const rows = flags
    .map(
      ([name, flag]) => [`${flag.char ? `-${flag.char}, ` : '    '}--${name}${valueName(flag)}`, about(flag)] as const,
    )
    .sort(([a], [b]) => (a.slice(4) < b.slice(4) ? -1 : 1));
  return table(rows, Math.max(...rows.map(([left]) => left.length)) + 3, columns);
}

const READABLE = 30; // columns

/** What is on the right stays there, broken between words where the terminal is wide enough for that. */
function table(rows: readonly (readonly [string, string])[], width: number, columns = 0): string {
  const room = columns - width - 2;
  const lines = rows.flatMap(([left, right]) =>
    (room < READABLE ? [right] : breakLines(right, room)).map(
      (line, index) => `${(index === 0 ? left : '').padEnd(width)}${line}`,
    ),
  );
  return indent(lines);
}

/** After spaces, and between choices. */
function breakLines(text: string, room: number): string[] {
  const lines = [''];
  for (const piece of text.split(/(?<=[ |])/)) {
    const line = `${lines.at(-1) ?? ''}${piece}`;
    if (line.trimEnd().length > room) lines.push(piece);
    else lines[lines.length - 1] = line;
  }
  return lines;
}

function valueName(flag: Command.Flag.Any): string {
  if (flag.type === 'boolean') return '';
  const { helpValue } = flag;
  return ` ${typeof helpValue === 'string' ? helpValue : (helpValue?.[0] ?? 'VALUE')}`;
}

function about(flag: Command.Flag.Any): string {
  const fallback: unknown = flag.default;
  const shown =
    ['string', 'number'].includes(typeof fallback) && fallback !== '' ? ` (default ${String(fallback)})` : '';
  const always = fallback === true ? ' (default true)' : '';
  const choice = flag.type === 'option' && flag.options ? ` (${flag.options.join('|')})` : '';
  return `${sentence(flag.description ?? '')}${choice}${shown}${always}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}
