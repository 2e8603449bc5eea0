/** Clear away what killed processes have left behind. */
import { isAlive } from '../host/process.ts';
import { isNew } from '../model/container-status.ts';
import { isMonitorAlive, listGarbage, type Container } from '../store/containers.ts';
import { removeOrphanedScopes } from './orphaned-scopes.ts';

/**
 * Remove the `--rm` containers whose monitor was killed, or whose CLI was before it had a monitor, and
 * what is left of removals and of starts that were killed.
 *
 * @returns the containers that stay
 */
export async function sweep(containers: readonly Container[]): Promise<Container[]> {
  const abandoned = containers.filter(isAbandoned);
  const listed = new Set<string>(containers.map(({ config }) => config.id));
  const garbage = await listGarbage(listed);
  if (abandoned.length > 0 || garbage.length > 0) {
    const { removeContainers } = await import('./remove.ts');
    await removeContainers(abandoned, { force: true, volumes: true, timeoutSeconds: 0, garbage });
  }
  await removeOrphanedScopes();
  return containers.filter((container) => !abandoned.includes(container));
}

function isAbandoned({ config, status }: Container): boolean {
  if (!config.remove || isMonitorAlive(config.id)) return false;
  if (isNew(status)) return config.starter !== undefined && !isAlive(config.starter);
  return status === 'exited' || status === 'unknown';
}
