import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TspodError } from '../errors.ts';

/**
 * Write a file that the user has named.
 *
 * @param what `the id of the image`
 * @throws {TspodError} when it cannot be written
 */
export function writeUserFile(path: string, text: string, what: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new TspodError(`cannot write ${what} to "${path}": ${(cause as Error).message}`, {
      cause,
      remedy: `ls -ld ${dirname(path)}`,
    });
  }
}
