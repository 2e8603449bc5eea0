/** What a rename that was killed has left: a second name of a container, which only stands in the way. */
import { GoneError } from '../errors.ts';
import type { ContainerId } from '../model/container-config.ts';
import { containerPath } from '../store/container-paths.ts';
import { readContainer } from '../store/containers.ts';
import { withLock } from '../host/lock.ts';
import { releaseName } from '../store/names.ts';

/**
 * Free a name that leads to a container of another name. A rename that goes on has that container's lock.
 *
 * @returns whether the name may be free now
 */
export async function freeStaleName(name: string, holder: ContainerId): Promise<boolean> {
  const isStale = () => readContainer(holder)?.config.name !== name;
  if (!isStale()) return false;
  try {
    await withLock(containerPath(holder), async () => {
      if (isStale()) await releaseName(name, holder);
    });
    return true;
  } catch (error) {
    if (error instanceof GoneError) return true;
    throw error;
  }
}
