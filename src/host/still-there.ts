/** Reading what another command may remove: whoever walks a tree then only finds that there is less of it. */
import { closeSync, fstatSync, statSync } from 'node:fs';
import { GoneError } from '../errors.ts';
import { openIfPresent } from './present.ts';

/**
 * Read something of the store, and be sure that it was there until all of it was read: a removal takes its directory
 * away from the path before it deletes anything in it. Nobody is held up.
 *
 * @param directory the object's own directory in the store
 * @param what begins the sentence: `cannot export the volume "data": it`
 * @param body may ask itself once it has read all; else that is asked at its end
 * @throws {GoneError} when it was removed meanwhile, whatever else has failed by that
 */
export async function whileThere<T>(
  directory: string,
  what: string,
  body: (isThere: () => boolean) => Promise<T>,
): Promise<T> {
  const fd = openIfPresent(directory);
  if (fd === undefined) throw new GoneError(what);
  const known = { isWhole: false };
  const isThere = () => (known.isWhole = isStillAt(directory, fd));
  try {
    const result = await body(isThere);
    if (known.isWhole || isThere()) return result;
  } catch (error) {
    if (known.isWhole || isThere()) throw error;
  } finally {
    closeSync(fd); // Until then nothing else gets its number: inode(7).
  }
  throw new GoneError(what);
}

function isStillAt(path: string, fd: number): boolean {
  const present = statSync(path, { throwIfNoEntry: false });
  const opened = fstatSync(fd);
  return present?.ino === opened.ino && present.dev === opened.dev;
}
