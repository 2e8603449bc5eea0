/** Scopes that outlive what was in them. */
import { existsSync } from 'node:fs';
import { findOrphanedScopes, isEmptyScope } from '../host/scopes.ts';
import { containerPath } from '../store/containers.ts';

/**
 * Remove the scopes of containers that are gone: those of starts that were killed, monitor and all, while systemd moved
 * the monitor there. What is just ending is moved without an error, but the kernel does not count it as being in the
 * cgroup, so systemd never hears that the scope is empty.
 *
 * A scope of another store is none of these while systemd fills it: systemd does that in one go, and has been asked for
 * a sign of life before what is empty counts as such.
 *
 * @param known ids of containers that are there
 */
export async function removeOrphanedScopes(known: ReadonlySet<string>): Promise<void> {
  const orphaned = findOrphanedScopes((id) => known.has(id) || existsSync(containerPath(id)));
  if (orphaned.length === 0) return;
  const { removeUnits } = await import('../host/systemd.ts');
  // A systemd that does not answer keeps none of our commands from going on.
  await removeUnits(orphaned, isEmptyScope).catch(() => undefined);
}
