/** How the root file system is put together, by driver. */
import { join } from 'node:path/posix';
import { UsageError } from '../errors.ts';
import type { UsernsMode } from '../model/container-config.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { mapSize } from './id-maps.ts';
import type { Op } from './ops.ts';
import type { IdMaps, PlanInput, PlanPaths, RootfsPlan } from './runtime-plan.ts';

/** The most lower layers the kernel's overlay accepts: OVL_MAX_STACK is 500, but Docker and Podman stop at 127 too. */
const MAX_LAYERS = 127;

/** Of a plan's input, what the root file system depends on. */
interface RootfsInput extends Pick<PlanInput, 'config' | 'facts'> {
  readonly paths: Pick<PlanPaths, 'state' | 'run' | 'layers'>;
}

/** Compile the root file system: what TypeScript prepares and the ops of the monitor. */
export function compileRootfs(input: RootfsInput, maps: IdMaps): { readonly rootfs: RootfsPlan; readonly ops: Op[] } {
  const { config, paths } = input;
  const root = join(paths.run, 'rootfs');
  if ('rootfs' in config.root) {
    const { path, overlay } = config.root.rootfs;
    return { rootfs: { kind: 'native' }, ops: [overlay ? overlayOp(paths.state, [path]) : ['root-bind', path]] };
  }
  const layers = [...paths.layers].reverse(); // overlayfs wants the top first.
  const { image } = config.root;
  if (image.layers.length > MAX_LAYERS) {
    throw new UsageError(
      `the image "${image.name}" has ${image.layers.length} layers, more than the ${MAX_LAYERS} that can be stacked`,
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
      return {
        rootfs: { kind: 'vfs', target, layers: paths.layers, owners: compileShift(input, maps) },
        ops: [['root-bind', target]],
      };
    }
  }
}

function overlayOp(state: string, layers: readonly string[]): Op {
  return ['root-overlay', join(state, 'upper'), join(state, 'work'), ...layers];
}

function fuseOptions(input: RootfsInput, maps: IdMaps, layers: readonly string[]): string[] {
  const { paths } = input;
  const shift = compileShift(input, maps);
  return [
    `lowerdir=${layers.map(escapeOption).join(':')}`,
    `upperdir=${escapeOption(join(paths.state, 'upper'))}`,
    `workdir=${escapeOption(join(paths.state, 'work'))}`,
    ...(shift ? [`uidmapping=${shift.uids}`, `gidmapping=${shift.gids}`] : []),
  ];
}

/** `:` separates lower directories, `,` options, and a backslash escapes both. */
export function escapeOption(path: string): string {
  return path.replaceAll(/[\\:,]/g, (character) => `\\${character}`);
}

type KeepId = Extract<UsernsMode, { kind: 'keep-id' }>;

/**
 * How owners move for a keep-id namespace, whose host ids are the full map's in another order: the kept id becomes 0
 * and those below it move up by one. For a mount these are ids of the keep-id namespace, where the user's files, which
 * are root's on disk, read as the kept id; for a copy, and for a mount in `tspod unshare`, ids of the full map, where
 * the user is 0. The numbers agree.
 */
function keptIds({ uid, gid }: KeepId, facts: HostFacts, { uidMap, gidMap }: IdMaps): IdMaps {
  const shift = (kept: number, map: readonly IdMapping[]) => [
    { inside: kept, outside: 0, size: 1 },
    { inside: 0, outside: 1, size: kept },
    { inside: kept + 1, outside: kept + 1, size: mapSize(map) - kept - 1 },
  ];
  return { uidMap: shift(uid ?? facts.uid, uidMap), gidMap: shift(gid ?? facts.gid, gidMap) };
}

/** The shift that the map asks for, the same for a mount and for a copy; undefined where owners stay as they are. */
export function compileShift(
  { config, facts }: Pick<RootfsInput, 'config' | 'facts'>,
  maps: IdMaps,
): { readonly uids: string; readonly gids: string } | undefined {
  const { userns } = config;
  const shift = maps.init ?? (userns.kind === 'keep-id' ? keptIds(userns, facts, maps) : undefined);
  return shift && { uids: formatShift(shift.uidMap), gids: formatShift(shift.gidMap) };
}

/** As fuse-overlayfs(1) takes its uidmapping: `DISK:VIEW:SIZE:..`. */
function formatShift(map: readonly IdMapping[]): string {
  return map
    .filter(({ size }) => size > 0)
    .map(({ inside, outside, size }) => `${inside}:${outside}:${size}`)
    .join(':');
}
