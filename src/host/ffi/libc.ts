/** System calls that Node does not offer, through the C library. Import it where it is needed, by `await import()`: koffi takes time. */
import koffi from 'koffi';
import { constants } from 'node:os';
import { TspodError } from '../../errors.ts';

const libc = koffi.load(null); // The symbols of the running program: its C library, glibc or musl.
const flock = libc.func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;
const syncfs = libc.func('int syncfs(int fd)') as (fd: number) => number;
const fcntl = libc.func('int fcntl(int fd, int operation, ...)') as (
  fd: number,
  operation: number,
  type: 'int',
  value: number,
) => number;
const linkat = libc.func('int linkat(int olddir, str old, int newdir, str new, int flags)') as (
  oldDirectory: number,
  oldPath: string,
  newDirectory: number,
  newPath: string,
  flags: number,
) => number;

/** fcntl.h */
const F_SETFD = 2;
const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;
const LOCK_SH = 1;
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
  return tryLock(fd, LOCK_EX);
}

/** The same for a lock that others may hold as well, as long as nobody has the exclusive one. */
export function tryLockShared(fd: number): boolean {
  return tryLock(fd, LOCK_SH);
}

function tryLock(fd: number, operation: number): boolean {
  for (;;) {
    if (flock(fd, operation | LOCK_NB) === 0) return true;
    const code = koffi.errno();
    if (code === constants.errno.EAGAIN) return false;
    if (code !== constants.errno.EINTR) throw systemError('flock', code);
  }
}

/** Write everything of the file system that holds `fd` to its disk: syncfs(2). Blocks. */
export function syncFileSystem(fd: number): void {
  if (syncfs(fd) !== 0) throw systemError('syncfs', koffi.errno());
}

/** Let an open descriptor survive execve(2): Node closes there all that it was given but the standard ones. */
export function keepOverExec(fd: number): void {
  if (fcntl(fd, F_SETFD, 'int', 0) < 0) throw systemError('fcntl', koffi.errno());
}

/**
 * Give an open file that has no name one: open(2), `O_TMPFILE`.
 *
 * @returns false when something has that name
 * @throws {Error} with a `code`, as node:fs
 */
export function nameFile(fd: number, path: string): boolean {
  if (linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, path, AT_SYMLINK_FOLLOW) === 0) return true;
  const code = koffi.errno();
  if (code === constants.errno.EEXIST) return false;
  throw systemError('linkat', code).cause as Error;
}

function systemError(call: string, code: number): TspodError {
  const name = Object.entries(constants.errno).find(([, value]) => value === code)?.[0] ?? String(code);
  return new TspodError(`${call} failed: ${name}`, { cause: Object.assign(new Error(name), { code: name }) });
}
