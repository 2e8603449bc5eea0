/** What a container of `run` and `create` sees as files, as container-flags/storage.ts has it. */
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../errors.ts';
import type { ImageVolumes, MountRequest } from '../../model/container-request.ts';
import type { ContainerFlags } from '../container-flags.ts';

/** @throws {UsageError} when two mounts have one destination */
export function collectFiles(flags: ContainerFlags) {
  return {
    mounts: collectMounts(flags),
    secrets: flags.secret ?? [],
    volumesFrom: flags['volumes-from'] ?? [],
    imageVolumes: flags['image-volume'] === 'anonymous' ? 'bind' : (flags['image-volume'] as ImageVolumes),
    readOnly: flags['read-only'],
    readOnlyTmpfs: flags['read-only-tmpfs'],
    devices: flags.device ?? [],
    deviceRules: flags['device-cgroup-rule'] ?? [],
    chrootDirectories: flags.chrootdirs ?? [],
  };
}

function collectMounts(flags: ContainerFlags): MountRequest[] {
  const given = [...(flags.volume ?? []), ...(flags.mount ?? []), ...(flags.tmpfs ?? [])];
  const byTarget = new Map<string, MountRequest>();
  return given.filter((mount) => {
    if (mount.target === undefined) return true; // The files of a pattern go where they are.
    const path = mount.target.replace(/\/+/g, '/').replace(/\/$/, '');
    const former = byTarget.get(path);
    byTarget.set(path, mount);
    if (former === undefined) return true;
    if (isDeepStrictEqual(former, mount)) return false; // `-v $HOME:$HOME -v $PWD:$PWD` in the home directory.
    throw new UsageError(`two mounts have the destination "${path}"`, { remedy: 'Mount one of them elsewhere.' });
  });
}
