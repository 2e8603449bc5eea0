/** Processes as /proc shows them. */
import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../model/container-status.ts';

let boot: string | undefined;

/** The id of the running boot: random(4), /proc/sys/kernel/random/boot_id. */
export function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

/** Whether that very process still exists; a zombie does. */
export function isAlive({ pid, startTime, bootId: born }: ProcessIdentity): boolean {
  return born === bootId() && readStartTime(pid) === startTime;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: readStartTime(process.pid) ?? 0, bootId: bootId() };
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; undefined when there is no such process: proc(5). */
export function readStartTime(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
  // The command in field 2 may hold spaces and parentheses: count from the last one.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ', 20)[19]);
}
