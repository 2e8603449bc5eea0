/** Archives that a command writes for its user: there when all of it is. */
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';
import { randomHex } from './random.ts';

/**
 * Write a file in place of an older one, which stays when that fails; what is no regular file, a pipe or a device, is
 * written to as it is.
 *
 * @throws {TspodError} when the file cannot be written; and what `write` throws
 */
export async function writeWhole(path: string, write: (file: number) => Promise<void>): Promise<void> {
  try {
    const place = findPlace(path);
    await (place === undefined ? writeOver(path, write) : replace(place, write));
  } catch (error) {
    throw explainWrite(error, path);
  }
}

/** The error for an archive that could not be written; other errors stay as they are. */
export function explainWrite(cause: unknown, output: string | undefined): unknown {
  const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ''];
  if (cause instanceof TspodError || reason === undefined) return cause;
  const details = output === undefined ? { cause } : { cause, remedy: 'Name another place: --output FILE' };
  return new TspodError(`cannot write the archive to "${output ?? 'standard output'}": ${reason}`, details);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'what should be its directory is none',
  EISDIR: 'it is a directory',
  ELOOP: 'its symlinks lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'no space is left there',
  EDQUOT: 'your quota is used up',
  EFBIG: 'the file would be too large',
  EPIPE: 'nobody reads it any more',
};

/** The path at which a new file can take the place of what is there; undefined: that is to be written to. */
function findPlace(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  const folder = realpathSync(dirname(path));
  // /dev/stdout and /proc/self/fd/1 are somebody's open file.
  if (folder === '/dev' || /^\/proc(\/|$)/.test(folder) || path.endsWith('/')) return undefined;
  const place = join(folder, basename(path));
  if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink())
    return findPlace(resolve(folder, readlinkSync(place)));
  if (found === undefined) return place;
  if (!found.isFile()) return undefined;
  accessSync(place, constants.W_OK);
  return isWritable(folder) ? place : undefined;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EROFS')) return false;
    throw error;
  }
}

/** Without a name meanwhile, or kill -9 would leave it; with one where the file system knows no other files. */
async function replace(place: string, write: (file: number) => Promise<void>): Promise<void> {
  const mode = statSync(place, { throwIfNoEntry: false })?.mode;
  const firstMode = mode === undefined ? 0o666 : 0o600;
  const staged = join(dirname(place), `.tspod-export.${randomHex(8)}`);
  const stop = (signal: NodeJS.Signals) => {
    rmSync(staged, { force: true });
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal); // Else somebody else ends what we wait for.
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    const nameless = openNameless(dirname(place), firstMode);
    const file = nameless ?? openSync(staged, 'wx', firstMode);
    try {
      if (mode !== undefined) fchmodSync(file, mode & 0o777);
      await write(file);
      if (nameless !== undefined) {
        const { nameFile } = await import('./ffi/libc.ts');
        if (nameFile(file, place)) return;
        nameFile(file, staged); // A link cannot replace what has the name: link(2).
      }
    } finally {
      closeSync(file);
    }
    renameSync(staged, place);
  } catch (error) {
    rmSync(staged, { force: true });
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** asm-generic/fcntl.h, of which Node names the second part alone. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/** Undefined: the file system or the kernel has no such files. */
function openNameless(folder: string, mode: number): number | undefined {
  try {
    return openSync(folder, O_TMPFILE | constants.O_WRONLY, mode);
  } catch (error) {
    if (hasCode(error, 'ENOTSUP', 'EISDIR', 'ENOSYS', 'EINVAL')) return undefined;
    throw error;
  }
}

async function writeOver(path: string, write: (file: number) => Promise<void>): Promise<void> {
  const file = openSync(path, 'w');
  try {
    await write(file);
  } finally {
    closeSync(file);
  }
}
