/** Containers that are not there yet, or not any more, and what creations and removals that were killed have left. */
import { renameSync, rmSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { runtimePath, storePath } from '../host/paths.ts';
import { listIfPresent } from '../host/present.ts';
import type { ContainerId } from '../model/container-config.ts';
import { containerPath, containerRuntimePath, isId } from './container-paths.ts';
import { isInHand, nameInHand } from './in-hand.ts';
import { releaseName, releaseNamesOf } from './names.ts';
import { readRuntimeLink } from './runtime-link.ts';
import { isLost } from './volatile.ts';

/** Where the files of a new container are while its config is being written. */
export function stagedPath(id: ContainerId): string {
  return storePath('containers', nameInHand(`${STAGED}${id}`));
}

/** Take back a new container that nobody has used, out of sight in one step: without its config it would be a damaged one. */
export function withdrawContainer(id: ContainerId): void {
  const garbage = garbagePath(id);
  try {
    renameSync(containerPath(id), garbage);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  rmSync(garbage, { recursive: true, force: true });
}

/**
 * Take a container out of the store in one step; what is left of its files is garbage at the returned path.
 * The caller holds its lock and has ended its processes.
 */
export async function detachContainer({
  id,
  name,
}: {
  readonly id: ContainerId;
  readonly name?: string;
}): Promise<string> {
  const garbage = garbagePath(id);
  renameSync(containerPath(id), garbage);
  if (name === undefined) await releaseNamesOf(id);
  else await releaseName(name, id);
  return garbage;
}

function garbagePath(id: ContainerId): string {
  return storePath('containers', `.removing-${id}`);
}

/**
 * Gather what creations and removals that were killed have left: paths that nobody accounts for. A name whose container
 * is gone is freed on the way.
 *
 * @param listed the ids of all containers: of the others, what a power cut has left is garbage as well
 */
export async function gatherGarbage(listed?: ReadonlySet<string>): Promise<string[]> {
  const garbage: string[] = [];
  for (const name of listIfPresent(storePath('containers'))) {
    if (listed?.has(name) === false && isId(name) && isLost(containerPath(name))) {
      await releaseNamesOf(name);
      garbage.push(containerRuntimePath(name), containerPath(name));
    }
    if (name.startsWith(STAGED) && !isInHand(name)) garbage.push(storePath('containers', name));
    const [, id] = /^\.removing-([0-9a-f]{64})$/.exec(name) ?? [];
    if (id === undefined) continue;
    await releaseNamesOf(id as ContainerId);
    const run = readRuntimeLink(storePath('containers', name, 'run')) ?? runtimePath('containers', id);
    garbage.push(run, storePath('containers', name)); // The latter tells of both.
  }
  return garbage;
}

const STAGED = '.creating-';
