/** State files: JSON that a reader, or a crash at any point, sees old or new, never half. */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TspodError } from '../errors.ts';

export interface WriteOptions {
  /** `volatile`: the state need not outlive a power cut (a `--rm` container, the runtime directory), so nothing is synced. */
  readonly durability?: 'durable' | 'volatile';
}

/** Replace a state file; the rename is durable once its directory is: fsync(2). */
export async function writeState(
  path: string,
  state: unknown,
  { durability = 'durable' }: WriteOptions = {},
): Promise<void> {
  const staged = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await using file = await open(staged, 'wx', 0o600);
    await file.writeFile(`${JSON.stringify(state, null, 2)}\n`);
    if (durability === 'durable') await file.sync();
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  if (durability === 'durable') await syncDirectory(dirname(path));
}

/** Make the names in a directory durable: fsync(2). */
export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path);
  await directory.sync();
}

/**
 * Read a state file; undefined when there is none.
 *
 * @throws {TspodError} when it is not JSON, which only an outsider can have caused
 */
export async function readState(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new TspodError(`the state file "${path}" is damaged`, {
      cause,
      remedy: `Look at it, and remove what it describes: ${path}`,
    });
  }
}
