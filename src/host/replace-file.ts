/** Small files that others read as well, old or new, never half. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replace a small file, or make it, for its owner alone. It is durable before it is in its place: a power cut leaves the
 * old text or the new.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const staged = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(staged, text, { mode: 0o600, flag: 'wx', flush: true });
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  await using directory = await open(dirname(path));
  await directory.sync();
}
