/**
 * A pin keeps a file of the store while somebody relies on it who is not in the index yet: a shared
 * flock(2) on it, which ends with the process. Whoever deletes the file takes the exclusive one first.
 */
import { closeSync, fstatSync, linkSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openIfPresent } from '../host/present.ts';

/** Keep what is at a path; undefined when nothing is there, or it is just being deleted. */
export async function pin(path: string): Promise<Disposable | undefined> {
  const { tryLockShared } = await import('../host/ffi/libc.ts');
  return hold(path, tryLockShared);
}

/** Be sure that nobody relies on what is at a path; undefined when somebody does, or nothing is there. */
export async function seize(path: string): Promise<Disposable | undefined> {
  const { tryLockExclusive } = await import('../host/ffi/libc.ts');
  return hold(path, tryLockExclusive);
}

/** Give a staged file its final path, unless the same content is there already; it is pinned either way. */
export async function placePinned(staged: string, path: string): Promise<Disposable> {
  for (;;) {
    placeOnce(staged, path);
    const pinned = await pin(path);
    if (pinned !== undefined) return pinned;
    await sleep(10); // It was just being deleted.
  }
}

/** link(2) and not rename(2), which would replace what somebody else has pinned. */
function placeOnce(staged: string, path: string): void {
  try {
    linkSync(staged, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(code)) throw error;
    renameSync(staged, path); // A file system without hard links.
  }
}

function hold(path: string, tryLock: (fd: number) => boolean): Disposable | undefined {
  const fd = openIfPresent(path);
  if (fd === undefined) return undefined;
  if (!tryLock(fd) || !isStillAt(path, fd)) {
    closeSync(fd);
    return undefined;
  }
  return { [Symbol.dispose]: () => closeSync(fd) };
}

/** It may have been deleted, and made anew, between open and lock. */
function isStillAt(path: string, fd: number): boolean {
  const held = fstatSync(fd);
  const present = statSync(path, { throwIfNoEntry: false });
  return present?.ino === held.ino && present.dev === held.dev;
}
