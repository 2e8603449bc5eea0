/** What the options `O` and `U` of a volume need before a start. */
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TspodError } from '../errors.ts';
import { runNative } from '../host/native.ts';
import { refuseUserns, removeTrees, usernsArgs } from '../host/userns.ts';
import type { ContainerConfig, IdMapping } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { Mount } from '../model/mount.ts';
import { compileIdMaps, fullMap } from '../plan/id-maps.ts';
import { isOverlaid, overlayPath } from '../plan/mounts.ts';
import { containerPath } from '../store/containers.ts';
import { volumeDataPath } from '../store/volumes.ts';
import { readImageFile } from './image-file.ts';

/**
 * Make the directories that take what is written to overlaid volumes, and give volumes to the container's user.
 *
 * @throws {TspodError} when the user is unknown, or has ids that are not the caller's to give
 */
export async function prepareVolumes(config: ContainerConfig, facts: HostFacts): Promise<void> {
  const overlays = containerPath(config.id, 'overlay');
  if (existsSync(overlays)) await removeTrees([overlays], facts); // Of the last start.
  config.mounts.forEach((mount, index) => {
    if (!isOverlaid(mount)) return;
    const upper = overlayPath(containerPath(config.id), index);
    for (const name of ['upper', 'work']) mkdirSync(join(upper, name), { recursive: true });
    chmodSync(join(upper, 'upper'), statSync(sourceOf(mount)).mode & 0o7777); // The overlay's root has the upper's mode.
  });
  const owned = config.mounts.flatMap((mount) =>
    mount.type !== 'tmpfs' && mount.options.includes('U') ? [sourceOf(mount)] : [],
  );
  if (owned.length > 0) await giveToUser(owned, config, facts);
}

function sourceOf(mount: Extract<Mount, { type: 'bind' | 'volume' }>): string {
  return mount.type === 'bind' ? mount.source : volumeDataPath(mount.name);
}

/** As `podman unshare chown -R`: in the user's namespace, where every id that can be given has a number. */
async function giveToUser(paths: readonly string[], config: ContainerConfig, facts: HostFacts): Promise<void> {
  const { uid, gid } = findIds(config);
  const maps = compileIdMaps(config.userns, facts);
  const uids = maps.init?.uidMap ?? insideFull(maps.uidMap, fullMap(facts.uid, facts.subuids));
  const gids = maps.init?.gidMap ?? insideFull(maps.gidMap, fullMap(facts.gid, facts.subgids));
  const owner = `${translate(uid, uids, 'user')}:${translate(gid, gids, 'group')}`;
  const { exitCode, stderr } = await runNative([
    ...usernsArgs(facts),
    ...['--', 'chown', '--recursive', '--no-dereference', owner, '--', ...paths],
  ]);
  if (exitCode === 0) return;
  refuseUserns(stderr);
  throw new TspodError(`cannot give "${paths.join('", "')}" to the user "${config.process.user}": ${stderr.trim()}`, {
    remedy: 'Leave out the option U of the volume.',
  });
}

/** The ids of the container's user, as its image knows them. */
function findIds(config: ContainerConfig): { readonly uid: number; readonly gid: number } {
  const [user = '', group = ''] = config.process.user.split(':');
  const isName = (text: string) => text !== '' && !/^\d+$/.test(text);
  const entry = lines(config, '/etc/passwd').find((fields) => (isName(user) ? fields[0] : fields[2]) === (user || '0'));
  if (isName(user) && entry === undefined) throw unknown('user', user);
  const named = lines(config, '/etc/group').find((fields) => fields[0] === group);
  if (isName(group) && named === undefined) throw unknown('group', group);
  const gid = group === '' ? (entry?.[3] ?? '0') : isName(group) ? (named?.[2] ?? '') : group;
  return { uid: Number(isName(user) ? entry?.[2] : user || '0'), gid: Number(gid) };
}

function lines(config: ContainerConfig, file: '/etc/passwd' | '/etc/group'): string[][] {
  return readImageFile(config.root, file)
    .split('\n')
    .map((line) => line.split(':'));
}

function unknown(kind: string, name: string): TspodError {
  return new TspodError(`cannot give a volume to the ${kind} "${name}", which the image does not know`, {
    remedy: 'Name the user by number: --user 1000:1000',
  });
}

/** A map whose host ids are written as those of the full map. */
function insideFull(map: readonly IdMapping[], full: readonly IdMapping[]): IdMapping[] {
  return map.flatMap((range) => {
    const home = full.find(({ outside, size }) => range.outside >= outside && range.outside < outside + size);
    return home === undefined ? [] : [{ ...range, outside: home.inside + range.outside - home.outside }];
  });
}

function translate(id: number, map: readonly IdMapping[], kind: string): number {
  const range = map.find(({ inside, size }) => id >= inside && id < inside + size);
  if (range !== undefined) return range.outside + id - range.inside;
  throw new TspodError(`cannot give a volume to the ${kind} ${id}: the id is not mapped into the container`, {
    remedy: 'Widen your ranges in /etc/subuid and /etc/subgid, or choose a smaller id.',
  });
}
