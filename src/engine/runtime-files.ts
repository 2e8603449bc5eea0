/** The files that a start writes for a container: /etc/hosts and its like. */
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { readHostNetwork } from '../host/network/host-files.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { GENERATED_FILES } from '../plan/default-mounts.ts';
import type { HostNetwork, NetworkPlan } from '../plan/network.ts';
import { containerRuntimePath } from '../store/container-paths.ts';
import { readImageFile } from './images/image-file.ts';

/** The files that are bound over the image's; the directory is private, the files are for every user inside. */
export function writeRuntimeFiles(config: ContainerConfig, facts: HostFacts, network: NetworkPlan): void {
  const directory = containerRuntimePath(config.id);
  ensureDirectory(join(directory, 'rootfs'));
  const contents: Readonly<Partial<Record<keyof typeof GENERATED_FILES, string | Buffer>>> = {
    hosts: network.hosts,
    'resolv.conf': network.resolvConf,
    hostname: `${config.hostname}\n`,
    '.containerenv': containerenv(config, facts),
    ...(config.timezone === undefined ? {} : { localtime: readTimezone(config.timezone) }),
  };
  for (const [file, text] of Object.entries(contents)) {
    const path = join(directory, file);
    writeFileSync(path, text);
    chmodSync(path, 0o644); // Whatever our umask is: users inside are others.
  }
}

/** Shell variables, as programs that look for a Podman container read them. */
function containerenv(config: ContainerConfig, facts: HostFacts): string {
  const lines = [
    `engine="tspod"`,
    `name="${config.name}"`,
    `id="${config.id}"`,
    ...('image' in config.root ? [`image="${config.root.image.name}"`, `imageid="${config.root.image.id}"`] : []),
    `rootless=${facts.uid === 0 ? 0 : 1}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** A container that joins another's network has that one's names, too. */
export function findHostNetwork({ network: { mode, hostsFile }, root }: ContainerConfig): HostNetwork {
  if (mode.kind !== 'container') {
    return { ...readHostNetwork(), ...(hostsFile === undefined ? {} : { hosts: readHostsFile(hostsFile, root) }) };
  }
  return {
    hosts: readFileSync(containerRuntimePath(mode.id, 'hosts'), 'utf8'),
    resolvConf: readFileSync(containerRuntimePath(mode.id, 'resolv.conf'), 'utf8'),
  };
}

const ZONES = '/usr/share/zoneinfo';

/**
 * The rules of a time zone; `local` is the host's.
 *
 * @throws {TspodError} when the host does not know it
 */
export function readTimezone(name: string): Buffer {
  const path = name === 'local' ? '/etc/localtime' : join(ZONES, name);
  try {
    if (statSync(path).isFile()) return readFileSync(path);
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT', 'ENOTDIR')) throw cause;
  }
  throw new TspodError(`this host does not know the time zone "${name}": there is no file "${path}"`, {
    remedy: 'Choose one that it has: timedatectl list-timezones',
  });
}

/** What /etc/hosts begins with: `none` is nothing, `image` what the image has there. */
function readHostsFile(name: string, root: ContainerConfig['root']): string {
  if (name === 'none') return '';
  if (name === 'image') return readImageFile(root, '/etc/hosts');
  try {
    return readFileSync(name, 'utf8');
  } catch (cause) {
    throw new TspodError(`cannot read "${name}" for /etc/hosts: ${(cause as Error).message}`, {
      cause,
      remedy: 'Name another file, or "none": --hosts-file none',
    });
  }
}
