/** The link from a container in the store to its directory for this boot. */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { readLinkIfPresent } from '../host/present.ts';

/**
 * Where the link leads: `RUNTIME/containers/ID`. Undefined without one, and where the runtime directory is somebody
 * else's: ours in TMPDIR was removed, by a boot or as an old file, and they have made one of its name, to be sent
 * what is for the monitor.
 */
export function readRuntimeLink(link: string): string | undefined {
  const target = readLinkIfPresent(link);
  if (target === undefined) return undefined;
  const owner = lstatSync(dirname(dirname(target)), { throwIfNoEntry: false })?.uid;
  return owner === undefined || owner === process.getuid?.() ? target : undefined;
}
