/** System calls that Node does not offer, through the C library. */
import { constants } from 'node:os';
import { TspodError } from '../../errors.ts';
import { loadKoffi } from './koffi.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Take the exclusive lock of an open file or directory if nobody else has it: flock(2).
 *
 * It belongs to the open file description and ends with its last descriptor, also when the process dies.
 *
 * @returns false while another open file description holds it
 */
export function tryLockExclusive(fd: number): boolean {
  const { flock, errno } = libc();
  for (;;) {
    if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
    const code = errno();
    if (code === constants.errno.EAGAIN) return false;
    if (code !== constants.errno.EINTR) throw systemError('flock', code);
  }
}

/** Write everything of the file system that holds `fd` to its disk: syncfs(2). Blocks. */
export function syncFileSystem(fd: number): void {
  const { syncfs, errno } = libc();
  if (syncfs(fd) !== 0) throw systemError('syncfs', errno());
}

interface Libc {
  readonly flock: (fd: number, operation: number) => number;
  readonly syncfs: (fd: number) => number;
  readonly errno: () => number;
}

let bound: Libc | undefined;

function libc(): Libc {
  if (bound) return bound;
  const koffi = loadKoffi();
  const library = koffi.load(null); // The symbols of the running program: its C library, glibc or musl.
  bound = {
    flock: library.func('int flock(int fd, int operation)') as Libc['flock'],
    syncfs: library.func('int syncfs(int fd)') as Libc['syncfs'],
    errno: () => koffi.errno(),
  };
  return bound;
}

function systemError(call: string, code: number): TspodError {
  const name = Object.entries(constants.errno).find(([, value]) => value === code)?.[0] ?? String(code);
  return new TspodError(`${call} failed: ${name}`, { cause: Object.assign(new Error(name), { code: name }) });
}
