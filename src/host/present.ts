/** Files that need not be there: absence is no error, any other failure is. */
import { openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode } from '../errors.ts';

/** A text file; undefined when it is absent. Synchronous: for small files, where a thread pool only adds to each. */
export function readIfPresent(path: string): string | undefined {
  return unlessAbsent(() => readFileSync(path, 'utf8'));
}

/** The names in a directory, none when it is absent. */
export function listIfPresent(path: string): string[] {
  return unlessAbsent(() => readdirSync(path)) ?? [];
}

/** A descriptor to read from; undefined when the file is absent. */
export function openIfPresent(path: string): number | undefined {
  return unlessAbsent(() => openSync(path, 'r'));
}

/** Where a symlink leads; undefined when it is absent. */
export function readLinkIfPresent(path: string): string | undefined {
  return unlessAbsent(() => readlinkSync(path));
}

function unlessAbsent<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
