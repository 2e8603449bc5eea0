/** The caller's own resource limits. */
import { readFileSync } from 'node:fs';

/** As /proc/PID/limits calls them: proc(5). */
const LINES = { nofile: 'Max open files', nproc: 'Max processes' };

/** The hard limit; infinite when there is none. */
export function readHardLimit(name: keyof typeof LINES): number {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(LINES[name]));
  const hard = line?.slice(LINES[name].length).trim().split(/\s+/)[1];
  return hard === undefined || hard === 'unlimited' ? Infinity : Number(hard);
}
