/** Files that a command writes for its user: there when all of it is. */
import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomHex } from './random.ts';

/** Write a file in place of an older one; what is no regular file, a pipe or a device, is written to as it is. */
export async function writeWhole(path: string, write: (file: number) => Promise<void>): Promise<void> {
  const isSpecial = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  const staged = isSpecial ? path : join(dirname(path), `.tspod-export.${randomHex(8)}`);
  try {
    const file = openSync(staged, isSpecial ? 'w' : 'wx');
    try {
      await write(file);
    } finally {
      closeSync(file);
    }
    if (!isSpecial) renameSync(staged, path);
  } catch (error) {
    if (!isSpecial) rmSync(staged, { force: true });
    throw error;
  }
}
