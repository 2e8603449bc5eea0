/** The verbs of volumes: named directories that outlive the containers they are mounted in. */
import { createReadStream, readdirSync } from 'node:fs';
import { hasCode, NotFoundError, TspodError, UsageError } from '../../errors.ts';
import { NativeError, runReader, runWriter } from '../../host/files.ts';
import { probeHost } from '../../host/probe.ts';
import { randomHex } from '../../host/random.ts';
import { removeTrees, usernsArgs } from '../../host/userns.ts';
import { writeWhole } from '../../host/whole-file.ts';
import { isDown } from '../../model/container-status.ts';
import { volumeSettings, type VolumeOptions, type VolumeSettings } from '../../model/volume-settings.ts';
import { ERRNO, reasonOf } from '../../plan/errno.ts';
import { listContainers } from '../../store/container-list.ts';
import type { Container } from '../../store/containers.ts';
import { decompress } from '../../store/decompress.ts';
import { recordVolumeEvent } from '../../store/events.ts';
import {
  discardAside,
  discardVolume,
  ensureVolume,
  isUnclaimed,
  listVolumeGarbage,
  listVolumes,
  returnAside,
  setVolumeAside,
  type VolumeConfig,
} from '../../store/volumes.ts';
import { removeContainers } from '../remove.ts';
import { giveToOwner } from './volume-options.ts';
import { checkDevice, volumeFiles } from './volume-places.ts';

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
  // Podman looks for the directory with this type alone, and leaves it to the mount with "o=bind".
  if (options['type'] === 'bind') checkDevice('cannot make the volume', options['device'] ?? '');
  const given = Object.keys(options).length > 0 ? { options } : {};
  if (ensureVolume({ version: 1, name, created: new Date().toISOString(), anonymous: false, labels, ...given })) {
    try {
      if (volumeSettings(options).owner !== undefined) await giveToOwner(name, await probeHost());
    } catch (error) {
      discardVolume(name);
      throw error;
    }
    await recordVolumeEvent(name, 'create');
  } else if (!ignore) {
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
  await removeTrees([...discardAside(aside), ...listVolumeGarbage()], await probeHost());
  await recordVolumeEvent(name, 'remove');
}

function inUse(name: string, users: readonly Container[]): TspodError {
  const ids = users.map(({ config }) => config.id).join(', ');
  return new TspodError(`volume ${name} is being used by the following container(s): ${ids}: volume is being used`, {
    remedy: `Remove them with it: tspod volume rm --force ${name}`,
    exitCode: 2,
  });
}

/**
 * The directory with what is in a volume.
 *
 * @param failed what cannot be done without one
 * @throws {TspodError} when it is in memory, or its directory of the host is not there
 */
export function filesOf({ name, kind, path }: ListedVolume, failed: string): string {
  if (kind === 'tmpfs') {
    throw new TspodError(`${failed}: it is a file system in memory, which its containers have while they run`, {
      remedy: `Copy it out of one of them: tspod ps --filter volume=${name}; tspod cp CONTAINER:PATH -`,
    });
  }
  if (kind === 'bind') checkDevice(failed, path);
  return path;
}

/**
 * Write what is in a volume as a tar archive, to a file that appears when it is whole, or to standard output.
 *
 * @throws {TspodError} when it cannot be written
 */
export async function exportVolume(volume: ListedVolume, file: string | undefined): Promise<void> {
  const { name } = volume;
  const path = filesOf(volume, `cannot export the volume "${name}"`);
  const pack = [...usernsArgs(await probeHost()), 'pack', path, ''];
  try {
    if (file === undefined) await runWriter(pack);
    else await writeWhole(file, async (to) => runWriter(pack, { to }));
  } catch (error) {
    throw explain(error, `cannot export the volume "${name}"`);
  }
}

/**
 * Put what is in a tar archive, compressed or not, into a volume.
 *
 * @param source a file, or `-` for standard input
 * @throws {TspodError} when it cannot be read, or is no tar archive
 */
export async function importVolume(volume: ListedVolume, source: string): Promise<void> {
  const { name } = volume;
  const path = filesOf(volume, `cannot import into the volume "${name}"`);
  const facts = await probeHost();
  const isSingleId = facts.subuids.length === 0 || facts.subgids.length === 0;
  const owners = isSingleId ? ['--squash-owners'] : [];
  try {
    const put = [...usernsArgs(facts), 'put', '--confine', '--overwrite', ...owners, path];
    await runReader(
      decompress(source === '-' ? process.stdin : createReadStream(source, { highWaterMark: 1 << 20 })),
      put,
    );
  } catch (error) {
    throw explain(error, `cannot import "${source === '-' ? 'standard input' : source}" into the volume "${name}"`);
  } finally {
    if (source === '-') process.stdin.destroy(); // Or we wait for more of what nobody reads.
  }
}

function usersByVolume(): Map<string, Container[]> {
  const users = new Map<string, Container[]>();
  for (const container of listContainers()) {
    const names = container.config.mounts.flatMap((mount) => (mount.type === 'volume' ? [mount.name] : []));
    for (const name of new Set(names)) users.set(name, [...(users.get(name) ?? []), container]);
  }
  return users;
}

/** asm-generic/errno.h: what the native program says of an archive that it cannot read. */
const [ENODATA, EBADMSG] = [61, 74];

function explain(error: unknown, failed: string): unknown {
  if (error instanceof NativeError) {
    const { step, errno, detail } = error.failure;
    if (step === 'killed' || step === 'stopped') return new TspodError(`${failed}: it was interrupted`);
    if (errno === EBADMSG)
      return new TspodError(`${failed}: the tar archive is malformed`, { remedy: 'tar -tf ARCHIVE' });
    if (errno === ENODATA) return new TspodError(`${failed}: the tar archive ends too early`);
    const remedy = errno === ERRNO.ENOSPC ? 'Free some space: df' : 'tspod doctor';
    return new TspodError(`${failed}${detail && `, at "${detail}"`}: ${reasonOf(errno)}`, { cause: error, remedy });
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof TspodError) return error;
  return new TspodError(`${failed}: ${message}`, { cause: error, remedy: 'Check the path of the file: ls -l' });
}
