/** Scopes that outlive what was in them. */
import { existsSync } from 'node:fs';
import { findOrphanedScopes } from '../host/scopes.ts';
import { containerPath } from '../store/container-paths.ts';

/**
 * Remove the scopes of containers that are gone: those of starts that were killed, monitor and all, while systemd moved
 * the monitor there. What is just ending is moved without an error, but the kernel does not count it as being in the
 * cgroup, so systemd never hears that the scope is empty.
 *
 * A scope of another store is none of these while systemd fills it: systemd does that in one go, and has been asked for
 * a sign of life before what is empty counts as such.
 */
export async function removeOrphanedScopes(): Promise<void> {
  const orphaned = findOrphanedScopes((id) => existsSync(containerPath(id)));
  if (orphaned.length === 0) return;
  const { removeEmptyScopes } = await import('../host/systemd.ts');
  await removeEmptyScopes(orphaned).catch(() => undefined); // Our command goes on where systemd does not answer.
}
