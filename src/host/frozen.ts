/** Whether a cgroup is frozen; apart from cgroup.ts, of which `ps` needs nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';

/** `frozen 1` in cgroup.events, as the kernel reports it: cgroup v2, "Core Interface Files". */
export function isFrozen(cgroup: string): boolean {
  try {
    return readFileSync(join('/sys/fs/cgroup', cgroup, 'cgroup.events'), 'latin1').includes('frozen 1');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return false;
    throw error;
  }
}
