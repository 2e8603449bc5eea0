/** The mounts of a container: the OCI defaults, the files we generate, then what the user asked for. */
import { join, resolve } from 'node:path/posix';
import { UsageError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { hasSource, type KeptOverlay, type Mount } from '../model/mount.ts';
import { PROPAGATIONS } from '../model/mount-words.ts';
import { SECRETS_DIRECTORY } from '../model/secret.ts';
import type { SpecMount } from '../model/oci-runtime.ts';
import { CGROUP_MOUNT, defaultMounts, GENERATED_FILES, generatedMounts } from './default-mounts.ts';
import type { IdMaps, PlanPaths } from './runtime-plan.ts';
import { systemdMounts } from './systemd.ts';

/**
 * Compile every mount of a container, in the order in which they must be made.
 *
 * What the user mounts replaces a default with the same target, and comes after the others but for what belongs on top of
 * it; parents come before children.
 */
export function compileMounts(config: ContainerConfig, facts: HostFacts, maps: IdMaps, paths: PlanPaths): SpecMount[] {
  const asked = config.mounts.map((mount, index) =>
    mount.type === 'image' || isOverlaid(mount)
      ? overlayMount(mount, { index, paths, maps })
      : compileMount(mount, paths),
  );
  asked.push(...secretMounts(config, paths));
  const targets = new Set(asked.map((mount) => mount.destination));
  const scratch = systemdMounts(config);
  const isOnTop = (mount: SpecMount) => {
    const below = asked.filter(({ destination }) => mount.destination.startsWith(`${destination}/`));
    if (below.length === 0) return false;
    return scratch.includes(mount) || mount.destination === CGROUP_MOUNT || belongsOn(mount, below);
  };
  const defaults = [...defaultMounts(config, facts, maps, paths), ...scratch, ...generatedMounts(config, paths)].filter(
    ({ destination }) => !targets.has(destination),
  );
  const byDepth = (a: SpecMount, b: SpecMount) => depth(a.destination) - depth(b.destination);
  return [...defaults.filter((mount) => !isOnTop(mount)), ...[...asked, ...defaults.filter(isOnTop)].sort(byDepth)];
}

/** Names are resolved by these files, whoever the directory is from; a read-only one may lack them. */
function belongsOn({ destination }: SpecMount, below: readonly SpecMount[]): boolean {
  const { hosts, hostname, 'resolv.conf': resolver } = GENERATED_FILES;
  const isNaming = [hosts, hostname, resolver].some((path) => destination.endsWith(path));
  return isNaming && below.every(({ options }) => !options.includes('ro'));
}

/** Each secret is a file of its own; those that say no place of theirs are together in a directory in memory. */
function secretMounts({ secrets = [], mounts }: ContainerConfig, paths: PlanPaths): SpecMount[] {
  const files = secrets.flatMap((secret, index): SpecMount[] => {
    if (secret.kind !== 'mount') return [];
    const options = ['bind', 'rprivate', 'nosuid', 'nodev', 'noexec'];
    return [
      {
        destination: resolve(SECRETS_DIRECTORY, secret.target),
        type: 'bind',
        source: join(paths.run, 'secrets', String(index)),
        options,
      },
    ];
  });
  const isInside = files.some(({ destination }) => destination.startsWith(`${SECRETS_DIRECTORY}/`));
  if (!isInside || mounts.some(({ target }) => target === SECRETS_DIRECTORY)) return files;
  const options = ['nosuid', 'nodev', 'noexec', 'rprivate', 'mode=755', 'size=1m'];
  return [{ destination: SECRETS_DIRECTORY, type: 'tmpfs', source: 'tmpfs', options }, ...files];
}

function compileMount(mount: Exclude<Mount, { type: 'image' }>, paths: PlanPaths): SpecMount {
  switch (mount.type) {
    case 'bind':
    case 'volume':
      return {
        destination: mount.target,
        type: 'bind',
        source: sourceOf(mount, paths),
        options: bindOptions(mount.options, mount.type === 'volume' ? ['nosuid', 'nodev'] : []),
      };
    case 'ramfs':
      return { destination: mount.target, type: 'ramfs', source: 'ramfs', options: ramfsOptions(mount.options) };
    case 'devpts':
      return {
        destination: mount.target,
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', ...mount.options],
      };
    case 'tmpfs':
      return { destination: mount.target, type: 'tmpfs', source: 'tmpfs', options: tmpfsOptions(mount.options) };
  }
}

/**
 * `z`, `Z`, `U`, `copy`, `nocopy` mean nothing to mount(2); binds are recursive and private unless told. A directory
 * of the host keeps what it is mounted with there.
 */
function bindOptions(options: readonly string[], defaults: readonly string[]): string[] {
  const words = options.filter((word) => !['z', 'Z', 'U', 'copy', 'nocopy', 'idmap'].includes(word));
  const has = (...names: string[]) => words.some((word) => names.includes(word));
  return [
    ...(has('bind', 'rbind') ? [] : ['rbind']),
    ...words,
    ...(has(...PROPAGATIONS) ? [] : ['rprivate']),
    ...defaults.filter((word) => !has(word.slice('no'.length))),
  ];
}

export type OverlaidMount = Extract<Mount, { type: 'bind' | 'volume' | 'image' }>;

/**
 * `-v DIR:/DIR:O` and images with `rw`: the container may write, and what is below stays as it is. An image of one
 * layer, too: the layer by itself could be made writable in a privileged container, and it takes two for an overlay
 * without a place to write to.
 */
export function isOverlaid(mount: Mount): mount is OverlaidMount {
  if (mount.type === 'image') return mount.options.includes('rw') || mount.layers.length === 1;
  return hasSource(mount) && mount.options.includes('O');
}

/** Where what is written to an overlaid mount goes; unless the user says where, it is new at each start. */
export function overlayPaths(mount: Mount, index: number, state: string): KeptOverlay {
  if (hasSource(mount) && mount.kept !== undefined) return mount.kept;
  const path = join(state, 'overlay', String(index));
  return { upper: join(path, 'upper'), work: join(path, 'work') };
}

/** @throws {UsageError} when the container's root would not own what it sees */
function overlayMount(
  mount: OverlaidMount,
  { index, paths, maps }: { readonly index: number; readonly paths: PlanPaths; readonly maps: IdMaps },
): SpecMount {
  if (maps.init !== undefined) {
    const what =
      mount.type === 'image' ? `the image on "${mount.target}"` : `the option O of the volume "${mount.target}"`;
    throw new UsageError(`${what} needs the user namespace "host" or "keep-id"`, {
      remedy: `Leave out --userns, or the ${mount.type === 'image' ? 'image' : 'option: -v DIR:/DIR:ro'}`,
    });
  }
  return {
    destination: mount.target,
    type: 'overlay',
    source: 'overlay',
    options: [
      ...mount.options.filter((word) => ['ro', 'nosuid', 'nodev', 'noexec'].includes(word)),
      ...(mount.type === 'image' && !mount.options.includes('rw') ? ['ro'] : []),
    ],
    layers: mount.type === 'image' ? [...(paths.images[mount.id] ?? [])].reverse() : [sourceOf(mount, paths)],
    ...(isOverlaid(mount) ? { written: overlayPaths(mount, index, paths.state) } : {}),
    ...(mount.type === 'image' && mount.subpath !== undefined ? { part: mount.subpath } : {}),
  };
}

function sourceOf(mount: Extract<Mount, { type: 'bind' | 'volume' }>, paths: PlanPaths): string {
  if (mount.type === 'bind') return mount.source;
  const source = paths.volumes[mount.name]?.data;
  if (source === undefined) throw new Error(`no directory for the volume "${mount.name}"`);
  return source;
}

/** Podman's defaults: what the image has at the target is copied up. */
function tmpfsOptions(options: readonly string[]): string[] {
  const has = (...names: string[]) => options.some((word) => names.includes(word.split('=', 1)[0] ?? ''));
  const copied = options.filter((word) => word !== 'tmpcopyup' && word !== 'notmpcopyup');
  return [
    ...(has('notmpcopyup') ? [] : ['tmpcopyup']),
    ...(has('suid') ? [] : ['nosuid']),
    ...(has('dev') ? [] : ['nodev']),
    ...(has(...PROPAGATIONS) ? [] : ['rprivate']),
    ...copied,
  ];
}

/** The kernel takes no size for it, and lets one pass: ramfs-rootfs-initramfs.rst. */
function ramfsOptions(options: readonly string[]): string[] {
  return ['nosuid', 'nodev', ...options.filter((word) => !/^(?:no)?tmpcopyup$|^size=/.test(word))];
}

function depth(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}
