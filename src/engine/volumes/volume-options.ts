/** What a new volume, and the options `O` and `U`, need before a start. */
import { TspodError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container-config.ts';
import type { HostFacts } from '../../model/host-facts.ts';
import { hasSource, type Mount } from '../../model/mount.ts';
import { volumeSettings } from '../../model/volume-settings.ts';
import { isOverlaid } from '../../plan/mounts.ts';
import type { PlanPaths } from '../../plan/runtime-plan.ts';
import { layerPath } from '../../store/layers.ts';
import { claimVolume, isUnclaimed, readVolumeOptions, volumeDataPath } from '../../store/volumes.ts';
import { readImageFile } from '../images/image-file.ts';
import { giveToIds, type Owned } from '../ownership.ts';

type SourceMount = Extract<Mount, { type: 'bind' | 'volume' }>;

/**
 * Give volumes to the container's user: those with the option `U`, and those that no container has had. What the image has
 * at its path comes into the latter afterwards, with the owner that it has there. Then make the directories that take what
 * is written to overlaid mounts.
 *
 * @throws {TspodError} when the user is unknown, or has ids that are not the caller's to give
 */
export async function prepareVolumes(
  config: ContainerConfig,
  volumes: PlanPaths['volumes'],
  facts: HostFacts,
): Promise<void> {
  const sourceOf = (mount: SourceMount) => (mount.type === 'bind' ? mount.source : (volumes[mount.name]?.data ?? ''));
  await giveVolumes(config, sourceOf, facts);
  if (!config.mounts.some(isOverlaid)) return;
  const { prepareOverlays } = await import('./overlays.ts');
  await prepareOverlays(config, (mount) => (mount.type === 'image' ? topLayer(mount) : sourceOf(mount)), facts);
}

async function giveVolumes(
  config: ContainerConfig,
  sourceOf: (mount: SourceMount) => string,
  facts: HostFacts,
): Promise<void> {
  const unclaimed = config.mounts.flatMap((mount) =>
    mount.type === 'volume' && isUnclaimed(mount.name) ? [mount.name] : [],
  );
  for (const name of unclaimed) await giveToOwner(name, facts); // Whoever made it may have been killed before.
  const fresh = unclaimed.filter(isUnclaimed);
  const owned = config.mounts.flatMap((mount) =>
    hasSource(mount) && mount.options.includes('U') ? [sourceOf(mount)] : [],
  );
  if (owned.length === 0 && fresh.length === 0) return;
  const ids = findIds(config);
  if (ids instanceof TspodError) {
    if (owned.length > 0) throw ids;
    return; // The start fails for want of the user, and says so.
  }
  const files: Owned[] = [
    ...owned.map((path) => ({ path, ...ids })),
    ...fresh.map((name) => ({ path: volumeDataPath(name), ...ids, isOwn: true })),
  ];
  await giveToIds(files, config, { facts, what: 'a volume', remedy: 'Leave out the option U of the volume.' });
  fresh.forEach(claimVolume);
}

/**
 * Give a new volume to those whom its options name, if they do: `volume create --opt o=uid=5`.
 *
 * @throws {TspodError} when the ids are not the caller's to give
 */
export async function giveToOwner(name: string, facts: HostFacts): Promise<void> {
  const { owner } = volumeSettings(readVolumeOptions(name));
  if (owner === undefined) return;
  const files = [{ path: volumeDataPath(name), ...owner, isOwn: true }];
  await giveToIds(files, { userns: { kind: 'host' } }, { facts, what: 'a volume', remedy: 'Choose smaller ids.' });
  claimVolume(name);
}

/**
 * The ids of the container's user, as its image knows them.
 *
 * @throws {TspodError} when the image does not know the user
 */
export function findOwner(config: ContainerConfig): Pick<Owned, 'uid' | 'gid'> {
  const ids = findIds(config);
  if (ids instanceof TspodError) throw ids;
  return ids;
}

/** @throws {TspodError} for an image without layers */
function topLayer({ source, layers }: Extract<Mount, { type: 'image' }>): string {
  const top = layers.at(-1);
  if (top !== undefined) return layerPath(top);
  throw new TspodError(`the image "${source}" has no layers to mount`, { remedy: 'Leave it out.' });
}

/** The ids of the container's user, as its image knows them, or what it does not know. */
function findIds(config: ContainerConfig): Pick<Owned, 'uid' | 'gid'> | TspodError {
  const [user = '', group = ''] = config.process.user.split(':');
  const isName = (text: string) => text !== '' && !/^\d+$/.test(text);
  const entry = lines(config, '/etc/passwd').find((fields) => (isName(user) ? fields[0] : fields[2]) === (user || '0'));
  if (isName(user) && entry === undefined) return unknown('user', user);
  const named = lines(config, '/etc/group').find((fields) => fields[0] === group);
  if (isName(group) && named === undefined) return unknown('group', group);
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
