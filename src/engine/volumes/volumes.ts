/** The verbs of volumes: named directories that outlive the containers they are mounted in. */
import { readdirSync } from 'node:fs';
import { hasCode, NotFoundError, TspodError, UsageError } from '../../errors.ts';
import { probeHost } from '../../host/probe.ts';
import { randomHex } from '../../host/random.ts';
import { removeTrees } from '../../host/userns.ts';
import { isDown } from '../../model/container-status.ts';
import { namesOfVolumes, type VolumeOptions } from '../../model/mount.ts';
import { volumeSettings, type VolumeSettings } from '../../model/volume-settings.ts';
import { listContainers } from '../../store/container-list.ts';
import type { Container } from '../../store/containers.ts';
import { recordVolumeEvent } from '../../store/events.ts';
import { removeLeftovers } from '../../store/leftovers.ts';
import {
  discardAside,
  isUnclaimed,
  gatherVolumeGarbage,
  listVolumes,
  returnAside,
  setVolumeAside,
  type VolumeConfig,
} from '../../store/volumes.ts';
import { removeContainers } from '../remove.ts';
import { makeVolume } from './new-volume.ts';
import { volumeFiles } from './volume-places.ts';

/** A volume as `volume ls` and `volume inspect` show it. */
export interface ListedVolume extends VolumeConfig {
  /** A file system in memory has nothing outside its containers. */
  readonly kind: VolumeSettings['kind'];
  /** The directory that is mounted: its own, or one of the host. */
  readonly path: string;
  /** Ids of the containers that have it, running or not. */
  readonly containers: readonly string[];
  /** How many of them run and have it mounted; Podman counts none for a directory of its own. */
  readonly mountCount: number;
  /** Nothing is in it, so it is filled from the image at the next mount. */
  readonly isEmpty: boolean;
  /** No container has mounted it. */
  readonly isUnclaimed: boolean;
}

/** Every volume, by name. */
export function listStoredVolumes(): ListedVolume[] {
  const users = usersByVolume();
  return listVolumes().map((volume) => {
    const settings = volumeSettings(volume.options);
    const path = volumeFiles(volume.name, settings);
    const containers = users.get(volume.name) ?? [];
    return {
      ...volume,
      kind: settings.kind,
      path,
      containers: containers.map(({ config }) => config.id),
      mountCount: settings.kind === 'own' ? 0 : containers.filter(({ status }) => !isDown(status)).length,
      isEmpty: settings.kind !== 'bind' && isEmpty(path), // A directory of the host may be large, or far away.
      isUnclaimed: isUnclaimed(volume.name),
    };
  });
}

/** One that we may not look into is no empty one. */
function isEmpty(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'ENOENT')) return false;
    throw error;
  }
}

export interface CreateVolumeOptions {
  /** Without one it gets 64 random digits. */
  readonly name?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: VolumeOptions;
  /** No error for a volume that exists. */
  readonly ignore: boolean;
}

/**
 * Make a volume.
 *
 * @returns its name
 * @throws {UsageError} when there is one of that name, unless `ignore` says that this is fine
 * @throws {TspodError} when it cannot have its owner, or the directory of the host that it is to be is not there
 */
export async function createVolume({
  name = randomHex(32),
  labels,
  options,
  ignore,
}: CreateVolumeOptions): Promise<string> {
  const given = Object.keys(options).length > 0 ? { options } : {};
  const volume = { name, created: new Date().toISOString(), anonymous: false, labels, ...given };
  if (await makeVolume({ version: 1, ...volume })) await recordVolumeEvent(name, 'create');
  else if (!ignore) {
    throw new UsageError(`volume with name ${name} already exists: volume already exists`, {
      remedy: `tspod volume inspect ${name}`,
    });
  }
  return name;
}

/**
 * A volume by its name, or the beginning of it.
 *
 * @throws {NotFoundError} when there is none
 * @throws {UsageError} when several begin like this
 */
export function findVolume(name: string): ListedVolume {
  const volumes = listStoredVolumes();
  const exact = volumes.find((volume) => volume.name === name);
  if (exact !== undefined) return exact;
  const similar = volumes.filter((volume) => name !== '' && volume.name.startsWith(name));
  if (similar.length > 1) {
    throw new UsageError(`more than one result for volume name ${name}: volume already exists`, {
      remedy: `Give more of the name: ${similar.map((volume) => volume.name).join(', ')}`,
    });
  }
  const [found] = similar;
  if (found !== undefined) return found;
  throw new NotFoundError(`no volume with name "${name}" found: no such volume`, { remedy: 'tspod volume ls' });
}

export interface RemoveVolumeOptions {
  /** The containers that use it go first. */
  readonly force: boolean;
  /** seconds between the stop signal and SIGKILL */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Remove a volume with what is in it.
 *
 * @throws {TspodError} when a container uses it
 */
export async function removeVolume({ name }: ListedVolume, options: RemoveVolumeOptions): Promise<void> {
  const users = usersByVolume().get(name) ?? [];
  if (users.length > 0 && !options.force) throw inUse(name, users);
  const results = await removeContainers(users, { ...options, volumes: false });
  for (const { error } of results) if (error instanceof Error) throw error;
  const aside = setVolumeAside(name);
  // A container is in the store before it makes its volumes: one that found this volume is seen now.
  const late = usersByVolume().get(name) ?? [];
  if (late.length > 0 && returnAside(name, aside)) throw inUse(name, late);
  const leftovers = gatherVolumeGarbage();
  await removeTrees(discardAside(aside), await probeHost());
  await removeLeftovers(leftovers);
  await recordVolumeEvent(name, 'remove');
}

function inUse(name: string, users: readonly Container[]): TspodError {
  const ids = users.map(({ config }) => config.id).join(', ');
  return new TspodError(`volume ${name} is being used by the following container(s): ${ids}: volume is being used`, {
    remedy: `Remove them with it: tspod volume rm --force ${name}`,
    exitCode: 2,
  });
}

function usersByVolume(): Map<string, Container[]> {
  const users = new Map<string, Container[]>();
  for (const container of listContainers()) {
    for (const name of new Set(namesOfVolumes(container.config.mounts)))
      users.set(name, [...(users.get(name) ?? []), container]);
  }
  return users;
}
