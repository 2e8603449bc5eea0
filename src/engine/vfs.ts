/** The vfs driver: a container's root file system is a copy of its layers. */
import { stat } from 'node:fs/promises';
import { hasCode, TspodError } from '../errors.ts';
import { runNative } from '../host/native.ts';
import { usernsArgs } from '../host/userns.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { reasonOfReport } from '../plan/errno.ts';
import type { RootfsPlan } from '../plan/runtime-plan.ts';

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
  if (await exists(target)) return;
  const shift = owners === undefined ? [] : ['--owners', owners.uids, owners.gids];
  const { exitCode, stderr } = await runNative([...usernsArgs(facts), 'copy', ...shift, target, ...layers]);
  if (exitCode === 0) return;
  throw new TspodError(`cannot copy the image for the container "${name}": ${reasonOfReport(stderr)}`, {
    remedy: 'The driver vfs needs as much space as the image has: df, tspod system prune',
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
