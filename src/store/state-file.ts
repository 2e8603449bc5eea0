/**
 * State files: JSON that a reader, or a crash at any point, sees old or new, never half.
 *
 * Synchronous: the files are small, and node:fs/promises takes 2 ms to load, which `run` and `ps` would pay.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TspodError } from '../errors.ts';
import { storePath } from '../host/paths.ts';
import { readIfPresent } from '../host/present.ts';
import { randomHex } from '../host/random.ts';

export interface WriteOptions {
  /** `volatile`: the state need not outlive a power cut (a `--rm` container, the runtime directory), so nothing is synced. */
  readonly durability?: 'durable' | 'volatile';
}

/** Replace a state file; the rename is durable once its directory is: fsync(2). */
export function writeState(path: string, state: unknown, { durability = 'durable' }: WriteOptions = {}): void {
  const staged = `${path}.${randomHex(8)}.tmp`;
  try {
    const file = openSync(staged, 'wx', 0o600);
    try {
      writeFileSync(file, `${JSON.stringify(state, null, 2)}\n`);
      if (durability === 'durable') fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(staged, path);
  } catch (error) {
    rmSync(staged, { force: true });
    throw withPlace(error, path);
  }
  if (durability === 'durable') syncDirectory(dirname(path));
}

/** A write(2) that fails names no file, and the sentence about a full disk needs a place that stays. */
function withPlace(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || 'path' in error) return error;
  return Object.assign(error, { path: path.startsWith(`${storePath()}/`) ? storePath() : dirname(path) });
}

/** Make the names in a directory durable: fsync(2). */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/**
 * Read a state file; undefined when there is none.
 *
 * @throws {TspodError} when it is not JSON, which only an outsider can have caused
 */
export function readState(path: string): unknown {
  const text = readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new TspodError(`the state file "${path}" is damaged`, {
      cause,
      remedy: `Look at it, and remove what it describes: ${path}`,
    });
  }
}
