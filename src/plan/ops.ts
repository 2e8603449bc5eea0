/**
 * Ops: the flat list of steps that the native program carries out, one record each:
 * `NAME NUL COUNT NUL ARG1 NUL .. ARGn NUL`. The number of an op is its index in the list; the native
 * side reports a failure as that number and an errno, and `sentences.ts` knows what it means.
 *
 * The names and arguments are those of native/lib/ops.h.
 */
import { TspodError } from '../errors.ts';

export type Op = readonly [name: string, ...args: readonly (string | number)[]];

/** @throws {TspodError} when an argument holds a NUL, which no record can carry */
export function encodeOps(ops: readonly Op[]): string {
  return ops.map(([name, ...args]) => [name, args.length, ...args].map(checked).join('\0') + '\0').join('');
}

/** It is not quoted: who reads the message need not be who may read the value. */
function checked(field: string | number): string {
  const text = String(field);
  if (!text.includes('\0')) return text;
  throw new TspodError('an argument, a variable or a path for the container holds a NUL', {
    remedy: 'Leave it out: files of --env-file, JSON can hold one.',
  });
}

/** One op, or none. */
export function when(condition: boolean, op: Op): Op[] {
  return condition ? [op] : [];
}
