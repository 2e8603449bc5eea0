/** The scopes that systemd has of containers, as its files and the kernel's show them: it is not asked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../model/container-config.ts';
import { outerUid } from './id-map.ts';

/** What systemd calls the scope of a container. */
export function scopeName(id: ContainerId): string {
  return `tspod-${id}.scope`;
}

/** The cgroup of the systemd that makes scopes for us, below the hierarchy. Root's is the system's. */
export function managerCgroup(uid: number): string {
  const ofUser = `/user.slice/user-${uid}.slice/user@${uid}.service`;
  return uid === 0 && !existsSync(join(HIERARCHY, ofUser)) ? '/' : ofUser;
}

/** The scopes, of any container, in which nothing is and of whose container nobody knows. */
export function findOrphanedScopes(isKnown: (id: ContainerId) => boolean): string[] {
  return unitFolders()
    .flatMap(namesIn)
    .filter((name) => {
      const id = /^tspod-([0-9a-f]{64})\.scope$/.exec(name)?.[1] as ContainerId | undefined;
      return id !== undefined && !isKnown(id) && isEmptyScope(name);
    });
}

/** Whether systemd has this scope, and no process is in it. */
export function isEmptyScope(name: string): boolean {
  const unit = readUnit(name);
  if (unit === undefined) return false;
  const slice = /^Slice=(.+)$/m.exec(unit)?.[1];
  const manager = join(HIERARCHY, managerCgroup(outerUid()));
  const parents = slice === undefined ? DEFAULT_PARENTS : [slicePath(slice)];
  return parents.some((parent) => readText(join(manager, parent, name, 'cgroup.events'))?.includes('populated 0'));
}

const HIERARCHY = '/sys/fs/cgroup';

/** systemd.special(7), "app.slice"; root's; and what there was before systemd 247. */
const DEFAULT_PARENTS = ['app.slice', 'system.slice', ''];

/** Of units without a file of the user's: systemd.unit(5), "UNIT FILE LOAD PATH". */
function unitFolders(): string[] {
  const uid = outerUid();
  return [`/run/user/${uid}/systemd/transient`, ...(uid === 0 ? ['/run/systemd/transient'] : [])];
}

function readUnit(name: string): string | undefined {
  for (const folder of unitFolders()) {
    const text = readText(join(folder, name));
    if (text !== undefined) return text;
  }
  return undefined;
}

/** `a-b.slice` is in `a.slice`, `-.slice` is above all: systemd.slice(5) */
function slicePath(slice: string): string {
  const parts = slice.slice(0, -'.slice'.length).split('-').filter(Boolean);
  return join('.', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`));
}

/** None where there is no systemd of ours. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // systemd has removed it by now, or it is not ours.
  }
}
