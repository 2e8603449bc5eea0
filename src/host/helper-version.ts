import { spawnSync } from 'node:child_process';

/** What a helper says to `--version`; empty when it says nothing within five seconds. */
export function readHelperVersion(executable: string): string {
  const { stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8', timeout: 5000 });
  return (stdout as string | null)?.trim() ?? ''; // null: it could not be started.
}
