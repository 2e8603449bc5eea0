/** The columns of `top`: podman-top(1), "FORMAT DESCRIPTORS". */
import { UsageError } from '../../errors.ts';
import { CAPABILITIES, capabilityNames } from '../../model/capability.ts';
import { formatDuration } from '../../model/duration.ts';
import type { ProcessRecord } from '../../model/process-record.ts';
import { goTime } from '../human.ts';
import { printable } from '../printable.ts';

export interface TopColumn {
  readonly heading: string;
  readonly cell: (process: ProcessRecord, nowMs: number) => string;
}

/**
 * Read the words after the container: descriptors with blanks or commas between them, or one of the sets of options
 * that everybody types for ps(1).
 *
 * @throws {UsageError} when there is no such descriptor
 */
export function parseTopColumns(words: readonly string[]): TopColumn[] {
  const set = Object.hasOwn(OPTION_SETS, words.join(' ')) ? OPTION_SETS[words.join(' ')] : undefined;
  const [first = '', ...rest] = words;
  const listed = ['-o', 'o', '-eo'].includes(first) ? rest : words;
  const names = set ?? listed.flatMap((word) => word.split(',')).filter((name) => name !== '');
  return (names.length === 0 ? DEFAULT : names).map((name) => {
    const column = byName.get(name);
    if (column !== undefined) return column;
    throw new UsageError(`there is no descriptor "${name}", and no program of the image is run to find out more`, {
      remedy: `There are: ${listTopDescriptors().join(', ')}`,
    });
  });
}

/** By their names, without AIX's. */
export function listTopDescriptors(): string[] {
  return [...byName.keys()].filter((key) => !key.startsWith('%')).sort();
}

const DEFAULT = ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args'];
const OPTION_SETS: Readonly<Record<string, readonly string[]>> = {
  aux: ['user', 'pid', 'pcpu', 'vsz', 'rss', 'tty', 'state', 'stime', 'time', 'args'],
  '-ef': ['user', 'pid', 'ppid', 'pcpu', 'stime', 'tty', 'time', 'args'],
};

/** A process chooses its own name. */
const args = ({ args, comm }: ProcessRecord) => printable(args.length > 0 ? args.join(' ') : `[${comm}]`);
const capabilities = (kind: keyof ProcessRecord['capabilities']) => (process: ProcessRecord) => {
  const names = capabilityNames(process.capabilities[kind]);
  return names.length === 0 ? 'none' : names.length === CAPABILITIES.length ? 'full' : names.join(',');
};
const kibibytes = (bytes: number) => String(Math.round(bytes / 1024));

/** By their names and AIX's, ps(1). */
const COLUMNS: readonly (readonly [names: readonly string[], heading: string, cell: TopColumn['cell']])[] = [
  [['%C', 'pcpu'], '%CPU', ({ cpuMs, elapsedMs }) => ((100 * cpuMs) / Math.max(elapsedMs, 1)).toFixed(3)],
  [['%G', 'group'], 'GROUP', ({ users }) => users.group],
  [['%P', 'ppid'], 'PPID', ({ ppid }) => String(ppid)],
  [['%U', 'user'], 'USER', ({ users }) => users.user],
  [['%a', 'args'], 'COMMAND', args],
  [['%c', 'comm'], 'COMMAND', ({ comm }) => printable(comm)],
  [['%g', 'rgroup'], 'RGROUP', ({ users }) => users.realGroup],
  [['%n', 'nice'], 'NI', ({ nice }) => String(nice)],
  [['%p', 'pid'], 'PID', ({ pid }) => String(pid)],
  [['%r', 'pgid'], 'PGID', ({ pgid }) => String(pgid)],
  [['%t', 'etime'], 'ELAPSED', ({ elapsedMs }) => formatDuration(elapsedMs)],
  [['%u', 'ruser'], 'RUSER', ({ users }) => users.realUser],
  [['%x', 'time'], 'TIME', ({ cpuMs }) => formatDuration(cpuMs)],
  [['%y', 'tty'], 'TTY', ({ tty }) => tty ?? '?'],
  [['%z', 'vsz'], 'VSZ', ({ virtualSize }) => kibibytes(virtualSize)],
  [['capamb'], 'AMBIENT CAPS', capabilities('ambient')],
  [['capbnd'], 'BOUNDING CAPS', capabilities('bounding')],
  [['capeff'], 'EFFECTIVE CAPS', capabilities('effective')],
  [['capinh'], 'INHERITED CAPS', capabilities('inheritable')],
  [['capprm'], 'PERMITTED CAPS', capabilities('permitted')],
  [['groups'], 'GROUPS', ({ users }) => users.groups.join(',')],
  [['hgroup'], 'HGROUP', ({ hostIds }) => String(hostIds.group)],
  [['hgroups'], 'HGROUPS', ({ hostIds }) => hostIds.groups.join(',')],
  [['hpid'], 'HPID', ({ hostPid }) => String(hostPid)],
  [['huser'], 'HUSER', ({ hostIds }) => String(hostIds.user)],
  [['label'], 'LABEL', ({ label }) => label ?? '?'],
  [['rss'], 'RSS', ({ residentSize }) => kibibytes(residentSize)],
  [['seccomp'], 'SECCOMP', ({ seccomp }) => ['disabled', 'strict', 'filter'][seccomp] ?? '?'],
  [['state'], 'STATE', ({ state }) => state],
  [['stime'], 'STIME', ({ elapsedMs }, nowMs) => startTime(nowMs - elapsedMs)],
];

const byName = new Map(
  COLUMNS.flatMap(([names, heading, cell]) => names.map((name) => [name, { heading, cell }] as const)),
);

/** To the second. */
function startTime(milliseconds: number): string {
  return goTime(new Date(milliseconds).toISOString().replace(/[.]\d+Z$/, 'Z'));
}
