/**
 * Copies into a container that have not ended, a record each: `containers/<id>/NAME`, where NAME stands for a file until
 * it is whole. It says who copies and to which directory; native/put.c adds which one below that it is in.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { GoneError, hasCode } from '../errors.ts';
import { listIfPresent, readIfPresent } from '../host/present.ts';
import { isAlive, ownIdentity } from '../host/process.ts';
import { randomHex } from '../host/random.ts';
import type { ContainerId } from '../model/container-config.ts';
import type { ProcessIdentity } from '../model/container-status.ts';
import { containerPath } from './container-paths.ts';
import { seize } from './pin.ts';

export interface CopyRecord {
  readonly name: string;
  /** For native/put.c, which holds a lock of it: flock(2). */
  readonly fd: number;
}

/** A copy all of whose processes were killed. */
export interface LeftCopy {
  /** What may be left of it, in the container. */
  readonly paths: readonly string[];
  /** There is nothing left of it. */
  forget(): void;
}

/**
 * Have a record while something is copied to a directory of a container. It stays when that fails: whoever clears up
 * may have been killed.
 *
 * @throws {GoneError} when the container was removed meanwhile
 */
export async function withCopyRecord(
  id: ContainerId,
  directory: string,
  body: (record: CopyRecord) => Promise<void>,
): Promise<void> {
  const name = `${PREFIX}${randomHex(8)}`;
  const fd = create(id, name);
  try {
    writeSync(fd, `${JSON.stringify({ writer: ownIdentity(), directory } satisfies Head)}\0`);
    await body({ name, fd });
  } finally {
    closeSync(fd);
  }
  rmSync(containerPath(id, name), { force: true });
}

/** Whether there are records of copies into a container. */
export function hasCopyRecords(id: ContainerId): boolean {
  return listRecords(id).length > 0;
}

/** The copies into a container that were killed. */
export async function findLeftCopies(id: ContainerId): Promise<LeftCopy[]> {
  const left: LeftCopy[] = [];
  for (const name of listRecords(id)) {
    const path = containerPath(id, name);
    const [head = '', below = ''] = readIfPresent(path)?.split('\0') ?? [];
    const { writer, directory } = parseHead(head) ?? {};
    if (writer === undefined || directory === undefined || isAlive(writer)) continue;
    using seized = await seize(path);
    if (seized === undefined) continue; // It is clearing up.
    const paths = [join(directory, `${name}.top`), join(directory, below, name)];
    left.push({ paths, forget: () => rmSync(path, { force: true }) });
  }
  return left;
}

const PREFIX = '.tspod-cp.';

interface Head {
  readonly writer: ProcessIdentity;
  readonly directory: string;
}

function listRecords(id: ContainerId): string[] {
  return listIfPresent(containerPath(id)).filter((name) => name.startsWith(PREFIX));
}

function create(id: ContainerId, name: string): number {
  try {
    return openSync(containerPath(id, name), 'wx+', 0o600);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new GoneError(`the container "${id}"`);
    throw error;
  }
}

/** Undefined for one that is not written yet: nothing was copied. */
function parseHead(text: string): Head | undefined {
  try {
    return JSON.parse(text) as Head;
  } catch {
    return undefined;
  }
}
