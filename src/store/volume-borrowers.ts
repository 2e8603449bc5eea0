/** Who else has an anonymous volume: `volumes/<name>/borrowers`. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { storePath } from '../host/paths.ts';
import type { ContainerId } from '../model/container-config.ts';
import { readState } from './state-file.ts';
import type { VolumeConfig } from './volumes.ts';

/**
 * Note that a container has the anonymous volume of another one, which then does not take it along: a link to the
 * container, which native/cleanup.c reads as well. Other volumes need no such note.
 */
export function addBorrower(name: string, id: ContainerId): void {
  if (!/^[0-9a-f]{64}$/.test(name)) return;
  const config = readState(storePath('volumes', name, 'config.json')) as VolumeConfig | undefined;
  if (config?.anonymous !== true) return;
  mkdirSync(borrowersPath(name), { recursive: true });
  symlinkSync(join('../../../containers', id), join(borrowersPath(name), id));
}

/** Whether a container that is still there has borrowed the volume. */
export function isBorrowed(name: string): boolean {
  const borrowers = borrowersPath(name);
  return existsSync(borrowers) && readdirSync(borrowers).some((id) => existsSync(join(borrowers, id)));
}

function borrowersPath(name: string): string {
  return storePath('volumes', name, 'borrowers');
}
