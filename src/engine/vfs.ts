/** The vfs driver: a container's root file system is a copy of its layers. */
import { existsSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { runNative } from '../host/native.ts';
import { usernsArgs } from '../host/userns.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { reasonOfReport } from '../plan/errno.ts';
import { compileIdMaps } from '../plan/id-maps.ts';
import { compileRootfs } from '../plan/rootfs.ts';
import type { RootfsPlan } from '../plan/runtime-plan.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { layerPaths } from './layer-paths.ts';

/**
 * Copy the layers of a container unless an earlier start did.
 *
 * @throws {TspodError} when the copy fails; nothing half is left at the target
 */
export async function copyLayers(
  { target, layers, owners }: Extract<RootfsPlan, { kind: 'vfs' }>,
  { name }: ContainerConfig,
  facts: HostFacts,
): Promise<void> {
  if (existsSync(target)) return;
  const shift = owners === undefined ? [] : ['--owners', owners.uids, owners.gids];
  const { exitCode, stderr } = await runNative([...usernsArgs(facts), 'copy', ...shift, target, ...layers]);
  if (exitCode === 0) return;
  throw new TspodError(`cannot copy the image for the container "${name}": ${reasonOfReport(stderr)}`, {
    remedy: 'The driver vfs needs as much space as the image has: df, tspod system prune',
  });
}

/**
 * The same for a container that is not started. Without the driver vfs it needs no copy.
 *
 * @throws {TspodError} when the copy fails
 */
export async function copyRoot(config: ContainerConfig, facts: HostFacts): Promise<void> {
  const { id } = config;
  const paths = { state: containerPath(id), run: containerRuntimePath(id), layers: layerPaths(config) };
  const { rootfs } = compileRootfs({ config, facts, paths }, compileIdMaps(config.userns, facts));
  if (rootfs.kind === 'vfs') await copyLayers(rootfs, config, facts);
}
