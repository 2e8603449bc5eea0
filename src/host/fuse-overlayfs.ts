/** fuse-overlayfs: mounted in a monitor's own mount and pid namespace, so that it ends with the monitor. */
import { readFileSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { nativeProgram } from './native.ts';

export interface FuseMount {
  readonly target: string;
  readonly options: readonly string[];
}

/**
 * Mount; resolves once the file system is there.
 *
 * @returns the host's pids of the programs that serve it
 * @throws {TspodError} when the program is missing or refuses
 */
export async function mountFuseOverlayfs(
  { target, options }: FuseMount,
  monitorPid: number,
  facts: HostFacts,
): Promise<number[]> {
  const program = facts.helpers['fuse-overlayfs'];
  if (program === undefined) {
    throw new TspodError(
      'the storage driver "fuse-overlayfs" needs the program fuse-overlayfs, which is not installed',
      {
        remedy: 'An administrator installs it: apt-get install fuse-overlayfs, or dnf install fuse-overlayfs',
      },
    );
  }
  const { execa } = await import('execa');
  const { failed, stderr } = await execa(
    nativeProgram(),
    ['join', String(monitorPid), '--', program, '-o', options.join(','), target],
    {
      stdin: 'ignore',
      stdout: 'ignore',
      reject: false,
    },
  );
  if (failed) {
    throw new TspodError(`fuse-overlayfs cannot mount the root file system: ${stderr.trim()}`, {
      remedy: 'Check that /dev/fuse can be opened: ls -l /dev/fuse; tspod doctor',
    });
  }
  // It has gone into the background and is the monitor's only child: init is not there yet. proc(5)
  return readFileSync(`/proc/${monitorPid}/task/${monitorPid}/children`, 'latin1')
    .split(' ')
    .filter(Boolean)
    .map(Number);
}
