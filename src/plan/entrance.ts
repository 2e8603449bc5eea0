/** How the native program comes to see a container's files: the words before the verb that works on them. Pure. */
import { join } from 'node:path/posix';
import type { ContainerConfig } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { hasSource, type Mount } from '../model/mount.ts';
import { compileIdMaps } from './id-maps.ts';
import { compileShift, escapeOption } from './rootfs.ts';
import type { PlanPaths } from './runtime-plan.ts';

/** What a container that does not run needs to be looked into. */
export interface StoppedPaths extends Pick<PlanPaths, 'state' | 'layers' | 'volumes'> {
  /** Where its root file system is mounted, in a mount namespace of the native program's own. */
  readonly target: string;
  /** It is mounted there already. */
  readonly isMounted?: boolean;
}

/**
 * The native verb before one that works on files whose owners are not those that the container sees: layers are never
 * chowned, and only a copy, the driver vfs, and what fuse-overlayfs shows to `tspod unshare` have the owners of a
 * shifted user namespace.
 */
export function compileOwners(
  config: ContainerConfig,
  facts: HostFacts,
  { isMounted = false }: Pick<StoppedPaths, 'isMounted'> = {},
): string[] {
  const isShifted = config.storageDriver === 'vfs' || (config.storageDriver === 'fuse-overlayfs' && isMounted);
  if (!isShifted || 'rootfs' in config.root) return [];
  const shift = compileShift({ config, facts }, compileIdMaps(config.userns, facts));
  return shift ? ['owners', shift.uids, shift.gids] : [];
}

/**
 * The native verb that mounts the root file system of a container that does not run, and the volumes that `wanted` is in.
 * `run` and a verb are to follow, or `stay` and a verb that finds it at `paths.target`.
 */
export function compileRooted(
  config: ContainerConfig,
  paths: StoppedPaths,
  { fuse, wanted }: { readonly fuse: string | undefined; readonly wanted: readonly string[] },
): string[] {
  const mounts = config.mounts.flatMap((mount) => (isOnTheWay(mount, wanted) ? compileMount(mount, paths) : []));
  return ['rooted', paths.target, ...compileRoot(config, paths, fuse), ...mounts];
}

/** The same for layers that are not to be written, lowest first. */
export function compileView(target: string, layers: readonly string[]): string[] {
  return ['rooted', target, 'view', String(layers.length), ...layers.toReversed()];
}

function compileRoot(
  { root, storageDriver }: ContainerConfig,
  paths: StoppedPaths,
  fuse: string | undefined,
): string[] {
  if (paths.isMounted === true) return ['bind', paths.target];
  const [upper, work] = [join(paths.state, 'upper'), join(paths.state, 'work')];
  if ('rootfs' in root) {
    return root.rootfs.overlay ? ['overlay', '1', upper, work, root.rootfs.path] : ['bind', root.rootfs.path];
  }
  const layers = [...paths.layers].reverse(); // overlayfs wants the top first.
  switch (storageDriver) {
    case 'overlay':
      return ['overlay', String(layers.length), upper, work, ...layers];
    case 'fuse-overlayfs': {
      const options = [
        `lowerdir=${layers.map(escapeOption).join(':')}`,
        `upperdir=${escapeOption(upper)}`,
        `workdir=${escapeOption(work)}`,
      ];
      return ['fuse', fuse ?? 'fuse-overlayfs', options.join(',')];
    }
    case 'vfs':
      return ['bind', join(paths.state, 'vfs')];
  }
}

/** Only what a path leads into is mounted: that makes a target that is missing, and a look at something else should not. */
export function isOnTheWay({ target }: Mount, wanted: readonly string[]): boolean {
  return wanted.some((path) => join('/', path, '/').startsWith(join(target, '/')));
}

/** What is written to an overlaid mount would be gone at the next start, unless the user keeps it. */
function compileMount(mount: Mount, { volumes }: StoppedPaths): string[] {
  const source = mount.type === 'bind' ? mount.source : mount.type === 'volume' ? volumes[mount.name]?.data : undefined;
  if (source === undefined || !hasSource(mount)) return [];
  const access = mount.options.includes('ro') ? 'ro' : 'rw';
  if (mount.kept !== undefined) return ['overlay', mount.kept.upper, mount.kept.work, source, mount.target, access];
  return ['mount', source, mount.target, mount.options.includes('O') ? 'ro' : access];
}
