/** The pages below man/ and what the build puts into them: OPTIONS, from the flags of the command. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandClass } from '../src/cli/base-command.ts';
import { globalFlags } from '../src/cli/global-flags.ts';

const root = join(import.meta.dirname, '..');
/** Where a page wants its options. */
export const OPTIONS_MARK = '@@options';

export interface NamedCommand {
  /** Words apart: `generate systemd`. */
  readonly name: string;
  readonly command: CommandClass;
}

/** Every command that is not hidden. */
export async function readCommands(): Promise<NamedCommand[]> {
  const files = await readdir(join(root, 'commands'), { recursive: true });
  const commands: NamedCommand[] = [];
  for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
    const { default: command } = (await import(join(root, 'commands', file))) as { default: CommandClass };
    if (!command.hidden) commands.push({ name: file.replace(/[.]ts$/, '').replaceAll('/', ' '), command });
  }
  return commands;
}

/** The source of a page; undefined when nobody has written it. */
export async function readPage(name: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, 'man', `${name}.1.md`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** `tspod-generate-systemd` */
export function pageName(name: string): string {
  return ['tspod', ...name.split(' ')].join('-');
}

/** A page with its options. */
export function completePage(page: string, flags: CommandClass['flags']): string {
  return page.replace(OPTIONS_MARK, optionsText(flags));
}

/** The page of tspod itself has the options that every command has. */
export function completeMainPage(page: string, commands: readonly NamedCommand[]): string {
  const list = commands.map(({ name, command }) => `**${pageName(name)}**(1)\n    ${sentence(command.description)}\n`);
  return completePage(page, globalFlags).replace('@@commands', list.join('\n'));
}

function optionsText(flags: CommandClass['flags']): string {
  const entries = Object.entries(flags)
    .filter(([, flag]) => !flag.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = entries.map(([name, flag]) => {
    const value = flag.type === 'option' ? `=*${String(flag.helpValue ?? 'VALUE')}*` : '';
    const names = [
      `**--${name}**${value}`,
      ...(flag.aliases ?? []).map((alias) => `**--${alias}**${value}`),
      ...(flag.char ? [`**-${flag.char}**`] : []),
    ];
    return `${names.join(', ')}\n    ${about(flag)}\n`;
  });
  return texts.length > 0 ? texts.join('\n') : 'None but those of **tspod**(1).\n';
}

function about(flag: CommandClass['flags'][string]): string {
  const fallback: unknown = flag.default;
  const parts = [`${sentence(flag.description ?? '')}.`];
  if (flag.type === 'option' && flag.options)
    parts.push(`One of ${flag.options.map((value) => `\`${value}\``).join(', ')}.`);
  if (flag.type === 'option' && flag.multiple) parts.push('May be given several times.');
  if (fallback === true) parts.push('On by default.');
  else if (['string', 'number'].includes(typeof fallback)) parts.push(`The default is \`${String(fallback)}\`.`);
  return parts.join(' ');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
