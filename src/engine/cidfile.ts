/** `--cidfile`: the file that gets the id of a new container, and goes with it. */
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { cidfilePath } from '../model/cidfile.ts';
import type { ContainerConfig, ContainerId } from '../model/container-config.ts';
import { containerPath, isId } from '../store/container-paths.ts';

export interface Cidfile {
  write(id: string): void;
  remove(): void;
}

/**
 * Make the file, still empty. One of a container that is gone, with whatever was to remove it, is taken over.
 *
 * @param replaced the container that the new one takes the place of, and of its file
 * @throws {TspodError} when it exists, and two containers would share it, or cannot be made
 */
export function claimCidfile(given: string, replaced: ContainerId | undefined): Cidfile {
  const path = resolve(given);
  try {
    ensureDirectory(dirname(path), 0o777);
    const left = readId(path);
    // It stays with that container should that stay, and goes with it before there is anything to write.
    if (left !== undefined && left === replaced) {
      return { write: (id) => writeFileSync(path, id), remove: () => undefined };
    }
    if (left !== undefined && !existsSync(containerPath(left))) rmSync(path, { force: true });
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

/** Remove the file of a container that goes, unless it has become another's; the monitor does so with --rm. */
export function removeCidfile(config: ContainerConfig): void {
  const path = cidfilePath(config);
  if (path === undefined || readId(path) !== config.id) return;
  try {
    unlinkSync(path);
  } catch {
    // It is in a directory that has become somebody else's, say: the container is gone all the same.
  }
}

/** The id in such a file; undefined for anything else that may be there by now. */
function readId(path: string): ContainerId | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const text = Buffer.alloc(ID_LENGTH + 1);
    const id = text.toString('latin1', 0, readSync(file, text));
    return isId(id) ? id : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

const ID_LENGTH = 64;
