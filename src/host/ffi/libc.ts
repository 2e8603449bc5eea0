/** The system calls that Node does not offer, through koffi. */
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const flock = libc.func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;

/** fcntl.h */
const LOCK_EX = 2;
const LOCK_NB = 4;

/** Take flock(2) on a descriptor without waiting; false when another open file description holds it. */
export function tryLockExclusive(fd: number): boolean {
  return flock(fd, LOCK_EX | LOCK_NB) === 0;
}
