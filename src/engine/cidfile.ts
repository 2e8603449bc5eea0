/** `--cidfile`: the file that gets the id of a new container. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';

export interface Cidfile {
  write(id: string): void;
  remove(): void;
}

/**
 * Make the file, still empty.
 *
 * @throws {TspodError} when it exists: two containers would share it
 */
export function claimCidfile(given: string): Cidfile {
  const path = resolve(given);
  mkdirSync(dirname(path), { recursive: true });
  try {
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
    if (!hasCode(cause, 'EEXIST')) throw cause;
    throw new TspodError(`container id file exists: "${path}"`, {
      cause,
      remedy: `Make sure the other container is not running, then: rm ${path}`,
    });
  }
}
