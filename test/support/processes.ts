/** The processes of this machine. */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ids in ascending order of the processes whose command line is such.
 *
 * @param matches gets words that each end with a NUL; none of a process that has ended, or is the kernel's
 */
export function findProcesses(matches: (commandLine: string, pid: number) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => matches(readText(`/proc/${String(pid)}/cmdline`), pid))
    .sort((a, b) => a - b);
}

/** What a file of procfs says: nothing when the process has gone meanwhile, or is another user's. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The parent of a process; 0 when it has gone meanwhile. */
export function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)/m.exec(readText(`/proc/${String(pid)}/status`))?.[1] ?? 0);
}

/** The children of a process, of its first thread that is. */
export function childrenOf(pid: number): number[] {
  const text = readText(`/proc/${String(pid)}/task/${String(pid)}/children`);
  return text.split(' ').filter(Boolean).map(Number);
}
