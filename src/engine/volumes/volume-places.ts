/** Where the files of volumes are, and what their options make of the mounts of a container. */
import { statSync } from 'node:fs';
import { hasCode, TspodError, UsageError } from '../../errors.ts';
import type { Mount, VolumeMount } from '../../model/mount.ts';
import { mergeWords, tmpfsWords, volumeSettings, type VolumeSettings } from '../../model/volume-settings.ts';
import type { VolumePlace } from '../../plan/runtime-plan.ts';
import { readVolumeOptions, volumeDataPath, volumeHome } from '../../store/volumes.ts';

/** The directory that holds what is in a volume; one in memory has none, and this one is empty. */
export function volumeFiles(name: string, { kind, device }: Pick<VolumeSettings, 'kind' | 'device'>): string {
  return kind === 'bind' ? device : volumeDataPath(name);
}

/** The same for a mount of a container, whatever has become of the volume. */
export function mountedFiles(mount: VolumeMount): string {
  try {
    return volumeFiles(mount.name, settingsOf(mount));
  } catch (error) {
    if (error instanceof TspodError) return volumeDataPath(mount.name); // Its config is damaged.
    throw error;
  }
}

/** Where each volume of a container is, by its name. */
export function placeVolumes(mounts: readonly Mount[]): Record<string, VolumePlace> {
  return Object.fromEntries(
    mounts.flatMap((mount) => (mount.type === 'volume' ? [[mount.name, placeOf(mount)] as const] : [])),
  );
}

/**
 * Mounts with what the options of their volumes add; of one in memory each container has its own.
 *
 * @throws {UsageError} when what is written to one in memory is to be kept
 */
export function applyVolumeOptions(mounts: readonly Mount[]): Mount[] {
  return mounts.map((mount) => {
    if (mount.type !== 'volume' || isPlain(mount)) return mount;
    const { kind, words } = settingsOf(mount);
    if (kind !== 'tmpfs' && words.length === 0) return mount;
    if (kind === 'tmpfs' && mount.kept !== undefined) {
      throw new UsageError(`the volume "${mount.name}" on "${mount.target}" is in memory: nothing of it is kept`, {
        remedy: 'Leave out upperdir and workdir.',
      });
    }
    const options = mergeWords(words, mount.options);
    return kind === 'tmpfs'
      ? { type: 'tmpfs', target: mount.target, options: tmpfsWords(options) }
      : { ...mount, options };
  });
}

/** @throws {TspodError} when a volume is a directory of the host that is not there */
export function checkVolumeDevices(mounts: readonly Mount[]): void {
  for (const mount of mounts) {
    if (mount.type !== 'volume' || isPlain(mount)) continue;
    const { kind, device } = settingsOf(mount);
    if (kind === 'bind') checkDevice(`cannot mount the volume "${mount.name}" on "${mount.target}"`, device);
  }
}

/**
 * @param failed what cannot be done then
 * @throws {TspodError} when it is no directory
 */
export function checkDevice(failed: string, device: string): void {
  const refuse = (reason: string, remedy: string, cause?: unknown) =>
    new TspodError(`${failed}: "${device}" on this machine ${reason}`, { cause, remedy });
  let isDirectory: boolean;
  try {
    isDirectory = statSync(device).isDirectory();
  } catch (cause) {
    if (hasCode(cause, 'ENOENT', 'ENOTDIR')) throw refuse('does not exist', `mkdir -p ${device}`, cause);
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw refuse(`cannot be looked at (${code})`, `See what is on the way to it: namei -l ${device}`, cause);
  }
  if (!isDirectory) throw refuse('is no directory', `See what it is: ls -ld ${device}`);
}

function placeOf(mount: VolumeMount): VolumePlace {
  const { name } = mount;
  const settings = settingsOf(mount);
  const place = { home: volumeHome(name), data: volumeFiles(name, settings) };
  // What is filled gets the owner that the image's directory has: only the caller's own is to be given away.
  if (settings.kind === 'bind') return { ...place, fill: isOwn(settings.device) ? 'all' : 'none' };
  return { ...place, fill: settings.owner === undefined ? 'all' : 'content' };
}

function settingsOf(mount: VolumeMount): VolumeSettings {
  return volumeSettings(isPlain(mount) ? {} : readVolumeOptions(mount.name));
}

/** Those without a name seldom have options, and most containers have no other volumes. */
function isPlain({ anonymous, volumeOptions }: VolumeMount): boolean {
  return anonymous && volumeOptions === undefined;
}

function isOwn(path: string): boolean {
  try {
    return statSync(path).uid === process.getuid?.();
  } catch {
    return false; // What is wrong with it is told by checkDevice(), or by the mount.
  }
}
