/** `--help`, in Podman's layout, from oclif's definitions. */
import type { Command } from '@oclif/core';
import type { CommandClass } from './base-command.ts';

/** The help of one command. */
export function commandHelp(command: CommandClass, called: string): string {
  const usage = command.usage === '' ? '[options]' : command.usage.replace(/^\S+ ?/, '');
  const own = Object.entries(command.flags).filter(([, flag]) => !flag.hidden);
  const shared = Object.entries(command.baseFlags).filter(([name, flag]) => !flag.hidden && !(name in command.flags));
  return [
    sentence(command.description),
    `Usage:\n  tspod ${called} ${usage}`,
    ...(command.examples.length > 0 ? [`Examples:\n${indent(command.examples)}`] : []),
    ...(own.length > 0 ? [`Options:\n${flagTable(own)}`] : []),
    `Global options:\n${flagTable(shared)}`,
  ]
    .join('\n\n')
    .concat('\n');
}

/**
 * The commands below a topic, `container`, or all of them; undefined when there is no such topic.
 *
 * @param manifest oclif.manifest.json
 */
export function topicHelp(manifest: unknown, topic: string): string | undefined {
  const commands = Object.entries((manifest as { commands: Record<string, ManifestCommand> }).commands);
  const rows = new Map<string, string>();
  for (const [id, { aliases, description, hidden }] of commands) {
    if (hidden) continue;
    for (const name of [id, ...aliases]) {
      const parts = name.split(':');
      if (topic === '' && parts.length === 1) rows.set(name, description);
      else if (topic === '' && parts[0] !== undefined) rows.set(parts[0], `manage ${parts[0]}s`);
      else if (parts[0] === topic && parts.length > 1) rows.set(parts.slice(1).join(' '), description);
    }
  }
  if (rows.size === 0) return undefined;
  const prefix = topic === '' ? 'tspod' : `tspod ${topic}`;
  const list = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...list.map(([name]) => name.length));
  return [
    topic === '' ? 'Run, build and look after containers, without root and without a daemon' : `Manage ${topic}s`,
    `Usage:\n  ${prefix} [options] [command]`,
    `Available Commands:\n${indent(list.map(([name, text]) => `${name.padEnd(width)}  ${sentence(text)}`))}`,
    `Use "${prefix} [command] --help" for more information about a command.`,
  ]
    .join('\n\n')
    .concat('\n');
}

/** The command that somebody may have meant: the nearest within two edits. */
export function similarCommands(names: readonly string[], words: readonly string[]): string | undefined {
  const typed = words.slice(0, 2);
  const candidates = names
    .map((name) => ({ name, away: distance(name, typed.slice(0, name.split(' ').length).join(' ')) }))
    .filter(({ away }) => away <= 2)
    .sort((a, b) => a.away - b.away);
  return candidates[0]?.name;
}

interface ManifestCommand {
  readonly aliases: readonly string[];
  readonly description: string;
  readonly hidden: boolean;
}

function flagTable(flags: readonly [string, Command.Flag.Any][]): string {
  const rows = flags
    .map(
      ([name, flag]) => [`${flag.char ? `-${flag.char}, ` : '    '}--${name}${valueName(flag)}`, about(flag)] as const,
    )
    .sort(([a], [b]) => (a.slice(4) < b.slice(4) ? -1 : 1));
  const width = Math.max(...rows.map(([left]) => left.length));
  return indent(rows.map(([left, right]) => `${left.padEnd(width)}   ${right}`));
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

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
