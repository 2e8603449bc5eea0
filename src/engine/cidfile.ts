/** `--cidfile`: the file that gets the id of a new container. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';

export interface Cidfile {
  write(id: string): void;
  remove(): void;
}

/**
 * Make the file, still empty.
 *
 * @throws {TspodError} when it exists, and two containers would share it, or cannot be made
 */
export function claimCidfile(given: string): Cidfile {
  const path = resolve(given);
  try {
    ensureDirectory(dirname(path), 0o777);
    const file = openSync(path, 'wx');
    return {
      write(id) {
        writeSync(file, id);
        closeSync(file);
      },
      remove() {
        rmSync(path, { force: true });
      },
    };
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) {
      throw new TspodError(`cannot make the container id file "${path}": ${(cause as Error).message}`, {
        cause,
        remedy: 'Name a file in a directory of yours: --cidfile id',
      });
    }
    throw new TspodError(`container id file exists: "${path}"`, {
      cause,
      remedy: `Make sure the other container is not running, then: rm ${path}`,
    });
  }
}
