/** Directories that may have to be made. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from '../errors.ts';

/**
 * Have a directory, and those above it; new ones are for their owner alone, and those above get no sticky bit. Node's own way goes round for ever where there is a parent and
 * nothing can be made in it (/proc).
 *
 * @throws the error of the system call
 */
export function ensureDirectory(path: string, mode = 0o700): void {
  if (make(path, mode)) return;
  ensureDirectory(dirname(path), mode & 0o777);
  if (!make(path, mode)) mkdirSync(path);
}

/** False when what it is to be in is missing. */
function make(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (hasCode(error, 'ENOENT') && dirname(path) !== path) return false;
    if (!isDirectory(path)) throw error;
  }
  return true;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // The error of what was wanted says more.
  }
}
