/** Make a volume with options: an owner, or a directory of the host. */
import { probeHost } from '../../host/probe.ts';
import { volumeSettings } from '../../model/volume-settings.ts';
import { discardVolume, ensureVolume, type VolumeConfig } from '../../store/volumes.ts';
import { giveToOwner } from './volume-options.ts';
import { checkDevice } from './volume-places.ts';

/**
 * Make a volume unless it is there, whatever options that one has.
 *
 * @returns whether it was made now
 * @throws {UsageError} when the name has characters that a path must not have
 * @throws {TspodError} when it cannot have its owner, or the directory of the host that it is to be is not there
 */
export async function makeVolume(volume: VolumeConfig): Promise<boolean> {
  const { name, options = {} } = volume;
  // Podman looks for the directory with this type alone, and leaves it to the mount with "o=bind".
  if (options['type'] === 'bind') checkDevice('cannot make the volume', options['device'] ?? '');
  if (!ensureVolume(volume)) return false;
  try {
    if (volumeSettings(options).owner !== undefined) await giveToOwner(name, await probeHost());
  } catch (error) {
    discardVolume(name);
    throw error;
  }
  return true;
}
