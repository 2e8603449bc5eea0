/** What a killed monitor leaves of the cgroups of a container that has divided its own. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Container } from '../store/containers.ts';

/**
 * The cgroup that systemd cannot remove for us, since it belongs to subordinate ids: for removeTrees().
 * A scope is the container's alone, a service is not.
 */
export function findLeftCgroup({ config, init }: Pick<Container, 'config' | 'init'>): string[] {
  if (config.systemd === undefined || config.userns.kind === 'host' || !init?.cgroup) return [];
  const cgroup = join('/sys/fs/cgroup', init.cgroup);
  const parent = dirname(cgroup);
  return existsSync(cgroup) ? [parent.endsWith('.scope') ? parent : cgroup] : [];
}
