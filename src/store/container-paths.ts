/** Where a container's files are: `containers/<id>/` in the store, and a directory for this boot. */
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runtimePath, storePath } from '../host/paths.ts';
import type { ContainerId } from '../model/container-config.ts';
import { readRuntimeLink } from './runtime-link.ts';

/** The container's directory in the store. */
export function containerPath(id: ContainerId, ...parts: string[]): string {
  return storePath('containers', id, ...parts);
}

/**
 * A path in the container's directory for this boot: in the runtime directory of the session that has started it, which
 * need not be ours (su, cron, ssh).
 */
export function containerRuntimePath(id: ContainerId, ...parts: string[]): string {
  return join(readRuntimeLink(containerPath(id, 'run')) ?? runtimePath('containers', id), ...parts);
}

/** Make a container's runtime directory this session's. It does not run, and the caller has its lock, or it is new. */
export function claimRuntimeDirectory(id: ContainerId): void {
  const own = runtimePath('containers', id);
  const link = containerPath(id, 'run');
  const former = readRuntimeLink(link);
  if (former === own) return;
  if (former !== undefined) rmSync(former, { recursive: true, force: true });
  rmSync(link, { force: true });
  symlinkSync(own, link);
}

/** Have the directories that an overlay writes to. The root directory is the upper one: every user inside must be able to enter it. */
export function ensureUpper(id: ContainerId): void {
  for (const name of ['upper', 'work']) mkdirSync(containerPath(id, name), { recursive: true, mode: 0o755 });
  chmodSync(containerPath(id, 'upper'), 0o755);
}

/** Whether an entry of `containers/` is a container's directory. */
export function isId(name: string): name is ContainerId {
  return /^[0-9a-f]{64}$/.test(name);
}
