/** Make a container: image, config, volumes, name; nothing runs yet. */
import { NameTakenError, UsageError } from '../errors.ts';
import { findHostUser } from '../host/accounts.ts';
import { ensureDirectory } from '../host/directory.ts';
import { choosePorts } from '../host/network/free-port.ts';
import { probeHost } from '../host/probe.ts';
import { storePath } from '../host/paths.ts';
import { randomFraction, randomHex } from '../host/random.ts';
import type { ContainerConfig, ContainerId, UsernsMode } from '../model/container-config.ts';
import { dependenciesOf } from '../model/container-dependencies.ts';
import type { ProcessIdentity } from '../model/container-status.ts';
import type {
  ContainerRequest,
  MountRequest,
  ResolvedMountRequest,
  ResolvedRequest,
} from '../model/container-request.ts';
import { anonymousVolumes, hasSource, keptOverlays, type Mount } from '../model/mount.ts';
import { randomName } from '../model/random-name.ts';
import { findAutoStart } from '../plan/id-maps.ts';
import { completeConfig, type CompletionInput } from '../plan/complete.ts';
import { confirmLayers } from '../store/collecting.ts';
import { withdrawContainer } from '../store/container-garbage.ts';
import { listContainers } from '../store/container-list.ts';
import { addContainer, findContainer, readContainer } from '../store/containers.ts';
import { addDependent } from '../store/dependents.ts';
import { withLock } from '../host/lock.ts';
import { recordContainerEvent } from '../store/events.ts';
import { findByName, releaseName } from '../store/names.ts';
import { addBorrower } from '../store/volume-borrowers.ts';
import { discardVolume } from '../store/volumes.ts';
import { claimCidfile } from './cidfile.ts';
import type { TakenSecrets } from './container-secrets.ts';
import { numberDevices } from './device-numbers.ts';
import { checkBindSources, checkFiles, findRootfs } from './host-files.ts';
import { ensureImage, type PullDialogue } from './images/image.ts';
import { makeVolumes } from './volumes/make-volumes.ts';
import { freeStaleName } from './stale-name.ts';
import { chooseStorageDriver } from './storage-driver.ts';

/** One more than that many random names, and something else is wrong. */
const NAME_ATTEMPTS = 20;

export interface CreateOptions extends PullDialogue {
  /** The process that is going to start it at once. */
  readonly starter?: ProcessIdentity;
}

/**
 * Create a container; one that takes subordinate ids for itself alone does so while nobody else takes any.
 *
 * @throws {TspodError} when the image, a bind source or a joined container is missing, or the name is taken
 */
export async function createContainer(
  request: ContainerRequest,
  options: CreateOptions = {},
): Promise<ContainerConfig> {
  const { userns: asked, mounts, ...others } = request;
  const rest = { ...others, mounts: await resolveMounts(mounts) };
  const userns = await resolveUserns(asked);
  // Another container's range is there already, and is taken as it is.
  if (userns?.kind !== 'auto' || asked?.kind === 'container') {
    return await createWithName({ ...rest, ...(userns && { userns }) }, options);
  }
  const facts = await probeHost();
  if (request.rootfs !== true) await ensureImage(request, options); // Others do not wait for a pull.
  ensureDirectory(storePath('containers'));
  return await withLock(storePath('containers'), async () => {
    const taken = listContainers().map(({ config }) => config.userns);
    const start = findAutoStart(userns, taken, facts);
    return await createWithName({ ...rest, pull: 'missing', userns: { ...userns, start } }, options);
  });
}

async function resolveMounts(mounts: ContainerRequest['mounts']): Promise<ResolvedRequest['mounts']> {
  if (mounts.every(isResolved)) return mounts;
  const { findMounts } = await import('./find-mounts.ts');
  return await findMounts(mounts);
}

function isResolved(mount: MountRequest): mount is ResolvedMountRequest {
  return mount.type !== 'glob' && (mount.type !== 'image' || 'id' in mount);
}

async function resolveUserns(asked: ContainerRequest['userns']): Promise<UsernsMode | undefined> {
  if (asked?.kind === 'container') return findContainer(asked.name).config.userns;
  if (asked?.kind !== 'subids') return asked;
  const { userName, uid } = await probeHost();
  const stranger = asked.names.find((name) => name !== userName && name !== String(uid));
  if (stranger === undefined) return { kind: 'nomap' }; // Those alone, without the user's own id.
  throw new UsageError(`the subordinate ids of "${stranger}" are not yours to map, "${userName}"`, {
    remedy: `Name yourself: --subuidname ${userName}`,
  });
}

/**
 * Put a container whose config is complete into the store, with its volumes; nothing of it stays when that fails.
 *
 * @param finish what else belongs to it
 */
export async function placeContainer(config: ContainerConfig, finish?: () => void): Promise<void> {
  try {
    await addContainer(config);
    await confirmLayers(config);
    await makeVolumes(config);
    for (const id of dependenciesOf(config)) addDependent(id, config.id);
    for (const name of sharedVolumes(config)) addBorrower(name, config.id);
    finish?.();
  } catch (error) {
    for (const { name } of anonymousVolumes(config.mounts)) discardVolume(name);
    withdrawContainer(config.id);
    await releaseName(config.name, config.id);
    throw error;
  }
  await recordContainerEvent(config, 'create');
}

/** A name that was free when we looked may be another's when we take it; where it was chosen at random, choose again. */
async function createWithName(request: ResolvedRequest, options: CreateOptions): Promise<ContainerConfig> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create(request, options);
    } catch (error) {
      if (!(error instanceof NameTakenError) || attempt === NAME_ATTEMPTS) throw error;
      if (request.name === undefined || (await freeStaleName(request.name, error.holder as ContainerId))) continue;
      if (request.replace !== true) throw error;
      await replaceContainer(error.holder as ContainerId);
    }
  }
}

/** What was wrong with the new container is known by now: only then the old one goes. */
async function replaceContainer(id: ContainerId): Promise<void> {
  const old = readContainer(id);
  if (old === undefined) return;
  const { removeOne } = await import('./remove.ts');
  await removeOne(old, { force: true, volumes: false });
}

async function create(request: ResolvedRequest, { starter, ...dialogue }: CreateOptions): Promise<ContainerConfig> {
  const facts = await probeHost();
  const root = request.rootfs === true ? { rootfs: findRootfs(request) } : await findImage(request, dialogue);
  checkFiles(request);
  const secrets = request.secrets.length === 0 ? undefined : await takeAll(request.secrets);
  const completed = completeConfig({
    request: { ...request, resources: numberDevices(request.resources) },
    root,
    facts,
    storageDriver: await chooseStorageDriver(request, facts),
    id: randomHex(32) as ContainerId,
    name: request.name ?? freeName(),
    created: new Date().toISOString(),
    containers: namedContainers(request),
    borrowedMounts: borrowMounts(request.volumesFrom),
    hostEntries: request.hostUsers.map(findHostUser),
    secrets: secrets?.uses ?? [],
    starter,
    newVolumeName: () => randomHex(32),
  });
  const config = { ...completed, network: { ...completed.network, ports: await choosePorts(completed.network.ports) } };
  checkBindSources(config.mounts);
  if (keptOverlays(config.mounts).length > 0) (await import('./volumes/overlays.ts')).checkKept(config.mounts);
  const replaced = request.replace === true && request.name !== undefined ? findByName(request.name) : undefined;
  const cidfile = request.cidfile === undefined ? undefined : claimCidfile(request.cidfile, replaced);
  try {
    await placeContainer(config, () => {
      secrets?.store(config.id);
      cidfile?.write(config.id);
    });
  } catch (error) {
    cidfile?.remove();
    throw error;
  }
  return config;
}

async function takeAll(requests: ResolvedRequest['secrets']): Promise<TakenSecrets> {
  const { takeSecrets } = await import('./container-secrets.ts');
  return takeSecrets(requests);
}

async function findImage(
  request: ResolvedRequest,
  dialogue: PullDialogue,
): Promise<Extract<CompletionInput['root'], { image: unknown }>> {
  const image = await ensureImage(request, dialogue);
  const name = image.foundAs ?? image.names[0] ?? request.image;
  return { image: { id: image.id, digest: image.digest, name, layers: image.layers }, imageConfig: image.config };
}

function freeName(): string {
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    const name = randomName([randomFraction(), randomFraction()]);
    if (findByName(name) === undefined) return name;
  }
  return `${randomName([randomFraction(), randomFraction()])}_${randomHex(4)}`;
}

/** Containers whose namespaces are asked for, or that are required, by the text that names them. */
function namedContainers({ network, pid, ipc, uts, cgroupns, requires }: ResolvedRequest): Record<string, ContainerId> {
  if (ipc?.kind === 'container') checkShareable(ipc.name);
  const joined = [network, pid, ipc, uts, cgroupns].flatMap((mode) => (mode?.kind === 'container' ? [mode.name] : []));
  return Object.fromEntries([...joined, ...requires].map((name) => [name, findContainer(name).config.id]));
}

/** @throws {UsageError} when the container keeps its IPC namespace for itself */
function checkShareable(name: string): void {
  const { config } = findContainer(name);
  if (config.ipc.kind !== 'private' || config.ipc.scope === 'shareable') return;
  throw new UsageError(`the IPC namespace of the container "${config.name}" is not to be shared`, {
    remedy: 'Make that container with --ipc=shareable, which is the default.',
  });
}

/** The directories and volumes of other containers; an anonymous volume stays its container's. */
function borrowMounts(sources: ContainerRequest['volumesFrom']): Mount[] {
  return sources.flatMap(({ container, options }) =>
    findContainer(container).config.mounts.flatMap((mount): Mount[] => {
      if (!hasSource(mount)) return [];
      const kept = mount.options.filter((word) => options.length === 0 || !['ro', 'rw', 'z'].includes(word));
      const changed = { ...mount, options: [...kept, ...options] };
      return [changed.type === 'volume' ? { ...changed, anonymous: false } : changed];
    }),
  );
}

/** The names of the volumes that others may have as well, each once. */
function sharedVolumes({ mounts }: ContainerConfig): Set<string> {
  return new Set(mounts.flatMap((mount) => (mount.type === 'volume' && !mount.anonymous ? [mount.name] : [])));
}
