/** Removing what nobody needs any more, and whose removal is not what the user has asked for. */
import { TspodError } from '../errors.ts';
import { probeHost } from '../host/probe.ts';
import { tryRemoveTrees } from '../host/userns.ts';
import { noteLeftover } from './damage.ts';

/** Remove directory trees; what cannot be removed is noted and stays, for the next command to try. */
export async function removeLeftovers(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  for (const [path, error] of await tryRemoveTrees(paths, await probeHost())) {
    noteLeftover(path, new TspodError(`a leftover stays: ${error.message}`, { cause: error, remedy: error.remedy }));
  }
}
