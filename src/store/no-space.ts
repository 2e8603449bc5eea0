import { hasCode, TspodError } from '../errors.ts';
import { storePath } from '../host/paths.ts';

/** Whether the disk, or our part of it, is full. */
export function isNoSpace(error: unknown): boolean {
  return hasCode(error, 'ENOSPC', 'EDQUOT');
}

/**
 * The sentence for a full disk; any other error as it is.
 *
 * @param what could not be written: `the layer "sha256:.."`
 */
export function explainNoSpace(cause: unknown, what: string): unknown {
  if (!isNoSpace(cause)) return cause;
  return new TspodError(`no space left in "${storePath()}" for ${what}`, {
    cause,
    remedy: 'Remove images that nobody needs (tspod rmi), or put the store elsewhere with --root.',
  });
}
