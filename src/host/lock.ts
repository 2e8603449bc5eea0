/** Locks between processes: flock(2) on the object's own directory in the store. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError, GoneError, hasCode } from '../errors.ts';

/**
 * Run `body` while no other process is inside the same lock.
 *
 * Closing the directory releases the lock, also when this process dies: flock(2). The holder may
 * have removed or replaced it meanwhile, so the path must still lead to what was locked.
 *
 * @param directory the object's own directory in the store
 * @param options.waitMs how long to wait for the present holder, in milliseconds
 * @throws {BusyError} when it has the lock still
 * @throws {GoneError} when the object was removed while we waited, or is not there at all
 */
export async function withLock<T>(directory: string, body: () => Promise<T>, { waitMs = 60_000 } = {}): Promise<T> {
  const { tryLockExclusive } = await import('./ffi/libc.ts'); // koffi takes 10 ms: only those who lock pay.
  await using handle = await openDirectory(directory);
  const deadline = performance.now() + waitMs;
  while (!tryLockExclusive(handle.fd)) {
    if (performance.now() > deadline) {
      throw new BusyError(`"${directory}" is still locked`, { remedy: `See who holds it: fuser ${directory}` });
    }
    await sleep(10); // Blocking flock(2) calls would fill the thread pool that the holder's own I/O needs.
  }
  if (!(await isStillAt(directory, handle))) throw new GoneError(`"${directory}"`);
  return await body();
}

async function openDirectory(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new GoneError(`"${path}"`);
    throw error;
  }
}

async function isStillAt(path: string, handle: FileHandle): Promise<boolean> {
  const locked = await handle.stat();
  try {
    const present = await stat(path);
    return present.dev === locked.dev && present.ino === locked.ino;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
