/** What killed processes leave of the cgroups of a container. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasScope, scopeName } from '../host/scopes.ts';
import { isNew } from '../model/container-status.ts';
import { isMonitorAlive, type Container } from '../store/containers.ts';

/**
 * The cgroup that systemd does not remove for us, for removeTrees(): one that we have made, or one that belongs to
 * subordinate ids, since the container has divided its own. A scope is the container's alone, a service is not.
 */
export function findLeftCgroup({ config, init }: Pick<Container, 'config' | 'init'>): string[] {
  if (!init?.cgroup) return [];
  const cgroup = join('/sys/fs/cgroup', init.cgroup);
  const parent = dirname(cgroup);
  const isOurs = basename(parent) === `tspod-${config.id}`;
  if (!isOurs && (config.systemd === undefined || config.userns.kind === 'host')) return [];
  const left = isOurs || parent.endsWith('.scope') ? parent : cgroup;
  return existsSync(left) && !isMonitorAlive(config.id) ? [left] : [];
}

/**
 * Remove the scope of a container that has not run: what is left of a start that was killed, as in orphaned-scopes.ts.
 * The caller has the container's lock.
 */
export async function removeLeftScope({ config, status }: Pick<Container, 'config' | 'status'>): Promise<void> {
  const name = scopeName(config.id);
  if (!isNew(status) || !hasScope(name)) return;
  const { removeUnits } = await import('../host/systemd.ts');
  await removeUnits([name], () => true).catch(() => undefined); // Without systemd the container goes all the same.
}
