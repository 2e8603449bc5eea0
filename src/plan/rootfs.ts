/** How the root file system is put together, by driver. */
import { join } from 'node:path/posix';
import type { IdMapping } from '../model/container-config.ts';
import { UsageError } from '../errors.ts';
import { mapSize } from './id-maps.ts';
import type { Op } from './ops.ts';
import type { IdMaps, PlanInput, RootfsPlan } from './runtime-plan.ts';

/** The most lower layers the kernel's overlay accepts: OVL_MAX_STACK is 500, but Docker and Podman stop at 127 too. */
const MAX_LAYERS = 127;

/** Compile the root file system: what TypeScript prepares and the ops of the monitor. */
export function compileRootfs(input: PlanInput, maps: IdMaps): { readonly rootfs: RootfsPlan; readonly ops: Op[] } {
  const { config, paths } = input;
  const root = join(paths.run, 'rootfs');
  if ('rootfs' in config.root) {
    const { path, overlay } = config.root.rootfs;
    return { rootfs: { kind: 'native' }, ops: [overlay ? overlayOp(paths.state, [path]) : ['root-bind', path]] };
  }
  const layers = [...paths.layers].reverse(); // overlayfs wants the top first.
  if (layers.length > MAX_LAYERS) {
    throw new UsageError(
      `the image "${config.root.image.name}" has ${layers.length} layers, more than the ${MAX_LAYERS} that can be stacked`,
      {
        remedy: 'Squash some of them.',
      },
    );
  }
  switch (config.storageDriver) {
    case 'overlay':
      return { rootfs: { kind: 'native' }, ops: [overlayOp(paths.state, layers)] };
    case 'fuse-overlayfs':
      return {
        rootfs: { kind: 'fuse-overlayfs', target: root, options: fuseOptions(input, maps, layers) },
        ops: [['root-mounted']],
      };
    case 'vfs': {
      const target = join(paths.state, 'vfs');
      return { rootfs: { kind: 'vfs', target, layers: paths.layers }, ops: [['root-bind', target]] };
    }
  }
}

function overlayOp(state: string, layers: readonly string[]): Op {
  return ['root-overlay', join(state, 'upper'), join(state, 'work'), ...layers];
}

function fuseOptions({ config, facts, paths }: PlanInput, maps: IdMaps, layers: readonly string[]): string[] {
  const keep = config.userns.kind === 'keep-id' ? config.userns : undefined;
  return [
    `lowerdir=${layers.map(escapeOption).join(':')}`,
    `upperdir=${escapeOption(join(paths.state, 'upper'))}`,
    `workdir=${escapeOption(join(paths.state, 'work'))}`,
    ...(keep
      ? [
          `uidmapping=${permutation(keep.uid ?? facts.uid, maps.uidMap)}`,
          `gidmapping=${permutation(keep.gid ?? facts.gid, maps.gidMap)}`,
        ]
      : []),
  ];
}

/** `:` separates lower directories, `,` options, and a backslash escapes both. */
function escapeOption(path: string): string {
  return path.replaceAll(/[\\:,]/g, (character) => `\\${character}`);
}

/**
 * How files on disk look in a keep-id namespace, as fuse-overlayfs takes it: `DISK:VIEW:SIZE:..`.
 * On disk the user's files are root's, so the kept id reads as 0 and the ids below it move up by one.
 */
function permutation(kept: number, map: readonly IdMapping[]): string {
  return [
    { disk: kept, view: 0, size: 1 },
    { disk: 0, view: 1, size: kept },
    { disk: kept + 1, view: kept + 1, size: mapSize(map) - kept - 1 },
  ]
    .filter(({ size }) => size > 0)
    .map(({ disk, view, size }) => `${disk}:${view}:${size}`)
    .join(':');
}
