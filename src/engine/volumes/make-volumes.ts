/** The volumes of a container. */
import type { ContainerConfig } from '../../model/container-config.ts';
import { recordVolumeEvent } from '../../store/events.ts';
import { ensureVolume, type VolumeConfig } from '../../store/volumes.ts';

/**
 * Make those that are not there yet. The container is in the store already: who removes a volume looks for it, and
 * after a crash between the two its start makes them.
 *
 * @throws {UsageError} when a name has characters that a path must not have
 * @throws {TspodError} when one cannot have its options
 */
export async function makeVolumes(config: ContainerConfig): Promise<void> {
  for (const mount of config.mounts) {
    if (mount.type !== 'volume') continue;
    const { name, anonymous, volumeOptions: options } = mount;
    const volume = { version: 1, name, created: config.created, anonymous, labels: {} } as const;
    const isNew = options === undefined ? ensureVolume(volume) : await makeWithOptions({ ...volume, options });
    if (isNew) await recordVolumeEvent(mount.name, 'create');
  }
}

async function makeWithOptions(volume: VolumeConfig): Promise<boolean> {
  const { makeVolume } = await import('./new-volume.ts');
  return await makeVolume(volume);
}
