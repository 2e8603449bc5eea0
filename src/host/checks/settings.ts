/** Settings of the kernel. */
import { readFileSync } from 'node:fs';

/** A file below /proc/sys, undefined when this kernel does not have it. */
export function readSetting(key: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${key}`, 'latin1').trim();
  } catch {
    return undefined; // Not of this kernel, or not for us to read: either way nothing is known.
  }
}
