/** What killed processes leave of the cgroups of a container. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMonitorAlive, type Container } from '../store/containers.ts';

/**
 * Whether anything runs on when the monitor of a container is killed: it is not pid 1 of what runs below it, and only
 * the cgroup holds that together.
 */
export function mayOutliveMonitor({ pid }: Container['config']): boolean {
  return pid.kind !== 'private';
}

/**
 * The cgroup that systemd does not remove for us, for removeTrees(): one that we have made, one in which a killed monitor
 * has left processes, or one that belongs to subordinate ids, since the container has divided its own. A scope is the
 * container's alone, a service is not.
 */
export function findLeftCgroup({ config, init }: Pick<Container, 'config' | 'init'>): string[] {
  if (!init?.cgroup) return [];
  const cgroup = join('/sys/fs/cgroup', init.cgroup);
  const parent = dirname(cgroup);
  const isOurs = basename(parent) === `tspod-${config.id}`;
  const isDivided = config.systemd !== undefined && config.userns.kind !== 'host';
  if (!isOurs && !isDivided && !mayOutliveMonitor(config)) return [];
  const left = isOurs || parent.endsWith('.scope') ? parent : cgroup;
  return existsSync(left) && !isMonitorAlive(config.id) ? [left] : [];
}
