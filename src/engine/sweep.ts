/** Clear away what killed processes have left behind. */
import { BusyError, GoneError } from '../errors.ts';
import { isAlive } from '../host/process.ts';
import { isDown, isNew } from '../model/container-status.ts';
import { gatherGarbage } from '../store/container-garbage.ts';
import { isMonitorAlive, type Container } from '../store/containers.ts';
import { findLeftCgroup, mayOutliveMonitor } from './left-cgroup.ts';
import { removeOrphanedScopes } from './orphaned-scopes.ts';

/**
 * Remove the `--rm` containers whose monitor was killed, or whose CLI was before it had a monitor, and
 * what is left of removals and of starts that were killed; end what has outlived its monitor.
 *
 * @returns the containers that stay
 */
export async function sweep(containers: readonly Container[]): Promise<Container[]> {
  const abandoned = containers.filter(isAbandoned);
  const listed = new Set<string>(containers.map(({ config }) => config.id));
  if (abandoned.length > 0) {
    const { removeContainers } = await import('./remove.ts');
    await removeContainers(abandoned, { force: true, volumes: true, timeoutSeconds: 0, only: isAbandoned });
  }
  const garbage = await gatherGarbage(listed);
  if (garbage.length > 0) await clearAway(garbage);
  const outlived = ({ config, status }: Container) => mayOutliveMonitor(config) && isDown(status);
  for (const container of containers.filter(outlived)) {
    if (findLeftCgroup(container).length > 0) await endOutlived(container);
  }
  await removeOrphanedScopes();
  return containers.filter((container) => !abandoned.includes(container));
}

async function clearAway(paths: readonly string[]): Promise<void> {
  const { removeLeftovers } = await import('../store/leftovers.ts');
  await removeLeftovers(paths);
}

/** With its lock: the next start has a cgroup of the same name. Whoever has that now sees to it. */
async function endOutlived({ config }: Container): Promise<void> {
  const { withContainer } = await import('../store/held-container.ts');
  const end = async (container: Container) => {
    if (isDown(container.status)) await clearAway(findLeftCgroup(container));
  };
  try {
    await withContainer(config.id, end, { waitMs: 0 });
  } catch (error) {
    if (!(error instanceof BusyError || error instanceof GoneError)) throw error;
  }
}

function isAbandoned({ config, status }: Container): boolean {
  const { starter } = config;
  if (!config.remove || isMonitorAlive(config.id) || (starter !== undefined && isAlive(starter))) return false;
  return isNew(status) ? starter !== undefined : status === 'exited' || status === 'unknown';
}
