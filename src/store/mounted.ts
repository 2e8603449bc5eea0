/**
 * Where containers were mounted last by `tspod mount`. Only the mount tables know whether one is there still, since
 * sessions just end.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { readIfPresent } from '../host/present.ts';
import type { ContainerId } from '../model/container-config.ts';
import { containerPath } from './container-paths.ts';

/** Note where a container is about to be mounted. */
export function noteMount(id: ContainerId, target: string): void {
  writeFileSync(notePath(id), target);
}

/** Where a container may be mounted; undefined when it is not. */
export function readMount(id: ContainerId): string | undefined {
  return readIfPresent(notePath(id));
}

/** Note that it is mounted no more. */
export function forgetMount(id: ContainerId): void {
  rmSync(notePath(id), { force: true });
}

function notePath(id: ContainerId): string {
  return containerPath(id, 'mounted');
}
