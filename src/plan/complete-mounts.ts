/** The mounts of a container: what the user asks for, what it borrows, what the image and `--read-only` add. */
import { UsageError } from '../errors.ts';
import type { ResolvedMountRequest } from '../model/container-request.ts';
import type { Mount } from '../model/mount.ts';
import { mergeWords, tmpfsWords, volumeSettings } from '../model/volume-settings.ts';
import type { CompletionInput, ImageDefaults } from './complete.ts';

const SCRATCH_OPTIONS = ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup'];

/**
 * The image's volumes get an anonymous one each, unless the user mounts something there.
 *
 * @throws {UsageError} when two mounts have one target
 */
export function completeMounts(
  { request, newVolumeName, borrowedMounts }: Pick<CompletionInput, 'request' | 'newVolumeName' | 'borrowedMounts'>,
  image: ImageDefaults,
): Mount[] {
  const own = request.mounts.map((mount) => completeMount(mount, newVolumeName));
  const ownTargets = new Set(own.map((mount) => mount.target));
  const asked = [...own, ...borrowedMounts.filter(({ target }) => !ownTargets.has(target))];
  const targets = new Set(asked.map((mount) => mount.target));
  const twice = asked.find((mount, index) => asked.findIndex((other) => other.target === mount.target) !== index);
  if (twice !== undefined) {
    throw new UsageError(`two mounts have the target "${twice.target}": duplicate mount destination`, {
      remedy: 'Leave one of them out.',
    });
  }
  const ofImage = Object.keys(image.Volumes ?? {})
    .filter((target) => !targets.has(target) && request.imageVolumes !== 'ignore')
    .map((target): Mount =>
      request.imageVolumes === 'tmpfs'
        ? { type: 'tmpfs', target, options: SCRATCH_OPTIONS }
        : { type: 'volume', name: newVolumeName(), target, options: [], anonymous: true },
    );
  const scratch =
    request.readOnly && request.readOnlyTmpfs
      ? ['/run', '/tmp', '/var/tmp']
          .filter((target) => !targets.has(target))
          .map((target): Mount => ({ type: 'tmpfs', target, options: SCRATCH_OPTIONS }))
      : [];
  return [...asked, ...ofImage, ...scratch];
}

function completeMount(mount: ResolvedMountRequest, newVolumeName: () => string): Mount {
  if (mount.type !== 'volume') return mount;
  const { kind, words } = volumeSettings(mount.volumeOptions);
  if (mount.name === undefined && kind === 'tmpfs') {
    // Nobody else could mount it, and nothing of it outlives a start.
    return { type: 'tmpfs', target: mount.target, options: tmpfsWords(mergeWords(words, mount.options)) };
  }
  return { ...mount, name: mount.name ?? newVolumeName(), anonymous: mount.name === undefined };
}
