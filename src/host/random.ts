/** Random ids. node:crypto would do, and takes 9 ms to load: too much for the way of `run`. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Random bytes from the kernel, as lower-case hexadecimal digits: random(4). */
export function randomHex(bytes: number): string {
  const buffer = Buffer.allocUnsafe(bytes);
  const source = openSync('/dev/urandom', 'r');
  try {
    readSync(source, buffer);
  } finally {
    closeSync(source);
  }
  return buffer.toString('hex');
}

/** A random number from 0 up to but not including 1. */
export function randomFraction(): number {
  return Number.parseInt(randomHex(4), 16) / 2 ** 32;
}
