/** `container clone`: a new container with the settings of another. */
import { UsageError } from '../errors.ts';
import { probeHost } from '../host/probe.ts';
import { storePath } from '../host/paths.ts';
import { randomHex } from '../host/random.ts';
import type { ContainerConfig, ContainerId, ResourceConfig } from '../model/container-config.ts';
import { parseContainerName } from '../model/container-name.ts';
import { compileCgroup } from '../plan/cgroup.ts';
import { findAutoStart } from '../plan/id-maps.ts';
import { listContainers } from '../store/container-list.ts';
import type { Container } from '../store/containers.ts';
import { withLock } from '../host/lock.ts';
import { findByName } from '../store/names.ts';
import { copySecrets } from './container-secrets.ts';
import { placeContainer } from './create.ts';
import { numberDevices } from './device-numbers.ts';
import { resolveStoredImage } from './images/find-image.ts';

export interface CloneRequest {
  /** Missing: the original's with `-clone` and, where that is taken, a number. */
  readonly name?: string | undefined;
  /** Missing: the original's. */
  readonly image?: string | undefined;
  /** Limits that differ. */
  readonly resources: ResourceConfig;
}

/**
 * Make a container like another. Anonymous volumes are new and empty, named ones are shared, ports are the same.
 *
 * @throws {TspodError} when the name is taken or the image is not in the store
 */
export async function cloneContainer({ config }: Container, request: CloneRequest): Promise<ContainerConfig> {
  const { root } = config;
  const name = request.name === undefined ? undefined : parseContainerName(request.name);
  const image = request.image === undefined ? undefined : await findOtherImage(config, request.image);
  // Nobody is about to start it: a --rm container would be taken for one whose starter was killed.
  const kept = Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'starter')) as typeof config;
  const id = randomHex(32) as ContainerId;
  const clone: ContainerConfig = {
    ...withOwnHostname(kept, id),
    id,
    name: name ?? freeName(config.name),
    created: new Date().toISOString(),
    root: image ?? root,
    resources: { ...config.resources, ...numberDevices(request.resources) },
    mounts: config.mounts.map((mount) =>
      mount.type === 'volume' && mount.anonymous ? { ...mount, name: randomHex(32) } : mount,
    ),
  };
  const facts = await probeHost();
  if (Object.keys(request.resources).length > 0) compileCgroup(clone, facts);
  const { userns } = clone;
  const finish = () => {
    if (config.secrets !== undefined) copySecrets(config.id, id);
  };
  if (userns.kind !== 'auto') {
    await placeContainer(clone, finish);
    return clone;
  }
  return await withLock(storePath('containers'), async () => {
    const taken = listContainers().map((container) => container.config.userns);
    const own = { ...clone, userns: { ...userns, start: findAutoStart(userns, taken, facts) } };
    await placeContainer(own, finish);
    return own;
  });
}

/** A host name that was made of the original's id. */
function withOwnHostname(config: ContainerConfig, id: ContainerId): ContainerConfig {
  const { hostname, process } = config;
  if (hostname !== config.id.slice(0, 12)) return config;
  const own = id.slice(0, 12);
  const env = process.env.map((entry) => (entry === `HOSTNAME=${hostname}` ? `HOSTNAME=${own}` : entry));
  return { ...config, hostname: own, process: { ...process, env } };
}

async function findOtherImage({ root, name }: ContainerConfig, text: string): Promise<ContainerConfig['root']> {
  if (!('image' in root)) {
    throw new UsageError(`"${name}" was made of a directory, not of an image: its clone cannot have one`, {
      remedy: `tspod container clone ${name}`,
    });
  }
  const { id, digest, names, foundAs, layers } = await resolveStoredImage(text);
  return { image: { id, digest, name: foundAs ?? names[0] ?? text, layers } };
}

function freeName(original: string): string {
  for (let number = 0; ; number++) {
    const name = `${original}-clone${number === 0 ? '' : number}`;
    if (findByName(name) === undefined) return name;
  }
}
