/** The volumes of a container. */
import type { ContainerConfig } from '../../model/container-config.ts';
import { recordVolumeEvent } from '../../store/events.ts';
import { ensureVolume } from '../../store/volumes.ts';

/**
 * Make those that are not there yet. The container is in the store already: who removes a volume looks for it, and
 * after a crash between the two its start makes them.
 *
 * @throws {UsageError} when a name has characters that a path must not have
 */
export async function makeVolumes(config: ContainerConfig): Promise<void> {
  for (const mount of config.mounts) {
    if (mount.type !== 'volume') continue;
    const isNew = ensureVolume({
      version: 1,
      name: mount.name,
      created: config.created,
      anonymous: mount.anonymous,
      labels: {},
    });
    if (isNew) await recordVolumeEvent(mount.name, 'create');
  }
}
