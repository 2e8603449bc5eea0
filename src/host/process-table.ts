/** The processes of a container, read from /proc of the host: nothing is run inside. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { uptime } from 'node:os';
import type { IdMapping } from '../model/id-mapping.ts';
import type { ProcessIds, ProcessRecord } from '../model/process-record.ts';
import { readIdMap } from './id-map.ts';

/** The kernel counts for programs in hundredths of a second, whatever it counts in itself: proc(5), USER_HZ. */
const TICK_MS = 10;
/** A passwd file that is larger is not read: it is the container's own, and may be anything. */
const MOST_BYTES = 1 << 20;

/**
 * Read what runs in the pid namespace of a container's first process, and below it.
 *
 * @param initPid the first process, as the host counts
 * @param options.ownPidNamespace false: the container shares another's, and only what sees the container's files is its
 */
export function readProcessTable(
  initPid: number,
  { ownPidNamespace }: { readonly ownPidNamespace: boolean },
): ProcessRecord[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readRaw(Number(name)) ?? []);
  const members = findMembers(all, initPid, ownPidNamespace ? 'pid' : 'mnt');
  const depth = (members.find(({ hostPid }) => hostPid === initPid)?.pids.length ?? 1) - 1;
  const ids = readIdTables(initPid);
  const inside = new Map(members.map(({ hostPid, pids }) => [hostPid, pids[depth] ?? hostPid]));
  return members.map((raw) => ({
    ...raw,
    pid: inside.get(raw.hostPid) ?? 0,
    ppid: inside.get(raw.hostParent) ?? 0,
    pgid: raw.groups[depth] ?? 0,
    users: nameIds(raw.hostIds, ids),
  }));
}

interface Raw extends Omit<ProcessRecord, 'pid' | 'ppid' | 'pgid' | 'users'> {
  readonly hostParent: number;
  /** From the host's pid namespace to the process' own. */
  readonly pids: readonly number[];
  readonly groups: readonly number[];
}

/** Who has the namespace of the first process, and their children, whatever namespace they have made for themselves. */
function findMembers(all: readonly Raw[], initPid: number, namespace: 'pid' | 'mnt'): Raw[] {
  const wanted = readNamespace(initPid, namespace);
  const members = new Set<number>();
  for (const { hostPid } of all) {
    if (hostPid === initPid || (wanted !== undefined && readNamespace(hostPid, namespace) === wanted))
      members.add(hostPid);
  }
  for (let size = -1; size !== members.size;) {
    size = members.size;
    for (const { hostPid, hostParent } of all) if (members.has(hostParent)) members.add(hostPid);
  }
  return all.filter(({ hostPid }) => members.has(hostPid));
}

/** undefined: it is another user's, or gone. */
function readNamespace(pid: number, kind: 'pid' | 'mnt'): string | undefined {
  return tryRead(() => readlinkSync(`/proc/${pid}/ns/${kind}`));
}

/** undefined for a process that has gone meanwhile. */
function readRaw(hostPid: number): Raw | undefined {
  const file = (name: string) => tryRead(() => readFileSync(`/proc/${hostPid}/${name}`, 'utf8'));
  const [stat, status] = [file('stat'), file('status')];
  if (stat === undefined || status === undefined) return undefined;
  // The command in field 2 may hold blanks and parentheses: proc(5).
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  const values = new Map(
    status.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const list = (name: string) => (values.get(name) ?? '').split(/\s+/).filter(Boolean).map(Number);
  const mask = (name: string) => values.get(name) ?? '0';
  const [[realUser = 0, user = 0], [realGroup = 0, group = 0]] = [list('Uid'), list('Gid')];
  return {
    hostPid,
    hostParent: field(4),
    pids: list('NSpid'),
    groups: list('NSpgid'),
    hostIds: { user, realUser, group, realGroup, groups: list('Groups') },
    comm: stat.slice(stat.indexOf('(') + 1, end),
    args: (file('cmdline') ?? '').split('\0').slice(0, -1),
    state: fields[0] ?? '?',
    nice: field(19),
    tty: terminalName(field(7)),
    cpuMs: (field(14) + field(15)) * TICK_MS,
    elapsedMs: Math.max(0, uptime() * 1000 - field(22) * TICK_MS),
    virtualSize: field(23),
    residentSize: Number.parseInt(values.get('VmRSS') ?? '0', 10) * 1024,
    capabilities: {
      ambient: mask('CapAmb'),
      bounding: mask('CapBnd'),
      effective: mask('CapEff'),
      inheritable: mask('CapInh'),
      permitted: mask('CapPrm'),
    },
    seccomp: Number(values.get('Seccomp') ?? 0),
    label: file('attr/current')?.replace(/[\0\n]+$/, '') || undefined,
  };
}

/** Device numbers of terminals: the kernel's devices.txt, and proc(5) on how field 7 packs them. */
function terminalName(device: number): string | undefined {
  const [major, minor] = [(device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00)];
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  return major === 5 && minor === 1 ? 'console' : undefined;
}

interface IdTable {
  readonly map: readonly IdMapping[];
  readonly names: ReadonlyMap<number, string>;
}

function readIdTables(initPid: number): { readonly users: IdTable; readonly groups: IdTable } {
  const table = (kind: 'uid' | 'gid', file: string): IdTable => {
    const map = tryRead(() => readIdMap(kind, initPid)) ?? [];
    const lines = (readInEtc(initPid, file) ?? '').split('\n').reverse(); // The first entry of an id counts.
    const names = lines.flatMap((line) => {
      const [name, , id] = line.split(':');
      return name && id && /^\d+$/.test(id) ? [[Number(id), name] as const] : [];
    });
    return { map, names: new Map(names) };
  };
  return { users: table('uid', 'passwd'), groups: table('gid', 'group') };
}

function nameIds(
  { user, realUser, group, realGroup, groups }: ProcessIds<number>,
  tables: ReturnType<typeof readIdTables>,
): ProcessIds<string> {
  const name = (id: number, { map, names }: IdTable) => {
    const range = map.find(({ outside, size }) => id >= outside && id < outside + size);
    const inside = range === undefined ? id : id - range.outside + range.inside;
    return names.get(inside) ?? String(inside);
  };
  return {
    user: name(user, tables.users),
    realUser: name(realUser, tables.users),
    group: name(group, tables.groups),
    realGroup: name(realGroup, tables.groups),
    groups: groups.map((id) => name(id, tables.groups)),
  };
}

/**
 * A file in the container's /etc. Links are not followed: they would lead to files of the host. Whatever is there must
 * not keep us waiting, as a fifo would.
 */
function readInEtc(pid: number, name: string): string | undefined {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
  return tryRead(() => {
    const directory = openSync(`/proc/${pid}/root/etc`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      const file = openSync(`/proc/self/fd/${directory}/${name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const { size } = fstatSync(file);
        if (!fstatSync(file).isFile() || size > MOST_BYTES) return undefined;
        const buffer = Buffer.alloc(size);
        return buffer.toString('utf8', 0, readSync(file, buffer));
      } finally {
        closeSync(file);
      }
    } finally {
      closeSync(directory);
    }
  });
}

/** What ends, or belongs to others, while we look is not there. */
function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ELOOP', 'ENOTDIR', 'EINVAL', 'ENXIO'].includes(code)) return undefined;
    throw error;
  }
}
