/** What is mounted, as /proc shows it: in our mount namespace, and in those of other processes of ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { hasCode } from '../errors.ts';

/** Where something is mounted in the mount namespace of a process; nowhere when it is gone or somebody else's. */
export function readMounts(pid: number | 'self' = 'self'): ReadonlySet<string> {
  return new Set(
    readMountinfo(pid)
      .split('\n')
      .map((line) => unescape(line.split(' ')[4] ?? '')), // The fifth field, blanks as `\040`: proc(5).
  );
}

/** A process in whose mount namespace something is mounted at a path. */
export function findProcessWithMount(path: string): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => readMounts(pid).has(path));
}

function readMountinfo(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EINVAL')) return '';
    throw error;
  }
}

function unescape(field: string): string {
  return field.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
