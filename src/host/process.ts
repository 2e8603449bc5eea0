/** Processes as /proc shows them. */
import { readFileSync, readlinkSync } from 'node:fs';
import { uptime } from 'node:os';
import { hasCode } from '../errors.ts';
import type { ProcessIdentity } from '../model/container-status.ts';

let boot: string | undefined;

/** The id of the running boot: random(4), /proc/sys/kernel/random/boot_id. */
export function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

/** Whether that very process still exists; a zombie does. */
export function isPresent(identity: ProcessIdentity): boolean {
  return findStat(identity) !== undefined;
}

/** Whether that very process still runs; a zombie does not, however long its parent leaves it. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = findStat(identity);
  return stat !== undefined && !['Z', 'X'].includes(stat.state);
}

/** Whether that very process still does its work; one that takes a while to end, with all below it, does not. */
export function isWorking(identity: ProcessIdentity): boolean {
  const stat = findStat(identity);
  return stat !== undefined && (stat.flags & PF_EXITING) === 0;
}

/** Whether that very process is stopped by a signal, and so answers nobody: signal(7). */
export function isStopped(identity: ProcessIdentity): boolean {
  return findStat(identity)?.state === 'T';
}

/** Whether a process has begun to end, or has ended. */
export function isEnding(pid: number): boolean {
  return ((readStat(pid)?.flags ?? PF_EXITING) & PF_EXITING) !== 0;
}

/** include/linux/sched.h; a zombie has it, too. */
const PF_EXITING = 4;

function findStat({ pid, startTime, bootId: born }: ProcessIdentity): Stat | undefined {
  const stat = born === bootId() ? readStat(pid) : undefined;
  return stat?.startTime === startTime ? stat : undefined;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: readStartTime(process.pid) ?? 0, bootId: bootId() };
}

/** When this process was started, in milliseconds since 1970: never too early, and up to two clock ticks too late. */
export function ownStartMs(): number {
  const nextTick = (readStartTime(process.pid) ?? Infinity) + 1;
  return Date.now() - Math.max(0, uptime() * 1000 - nextTick * TICK_MS);
}

/** USER_HZ is 100 for all that the kernel tells of time: sysconf(3), time(7). */
const TICK_MS = 10;

/** When a process was started, in clock ticks since boot; undefined when it is gone. */
export function readStartTime(pid: number): number | undefined {
  return readStat(pid)?.startTime;
}

interface Stat {
  /** Field 3: `R`, `S`, `Z`, .. */
  readonly state: string;
  /** Field 9. */
  readonly flags: number;
  /** Field 22, in clock ticks since boot. */
  readonly startTime: number;
}

/** /proc/PID/stat, undefined when there is no such process: proc(5). */
function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
  // The command in field 2 may hold spaces and parentheses: count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 20);
  return { state: fields[0] ?? '', flags: Number(fields[6]), startTime: Number(fields[19]) };
}

/** Whether a process runs as our own real uid: systemd moves no others. Helpers may have another effective one. */
export function isOwnProcess(pid: number): boolean {
  try {
    return Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) === process.getuid?.();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'] as const;

/** Inode numbers, which tell namespaces apart: namespaces(7). */
export type NamespaceIds = Readonly<Partial<Record<(typeof NAMESPACES)[number], string>>>;

/** The namespaces of a process; none when it is gone. */
export function readNamespaces(pid: number): NamespaceIds {
  const ids: Partial<Record<(typeof NAMESPACES)[number], string>> = {};
  for (const name of NAMESPACES) {
    try {
      ids[name] = readlinkSync(`/proc/${pid}/ns/${name}`).replace(/\D/g, '');
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ESRCH', 'EACCES')) throw error;
    }
  }
  return ids;
}
