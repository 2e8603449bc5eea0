/**
 * fuse-overlayfs: mounted in a monitor's own mount namespace by one that ends with the monitor; or in our own mount
 * namespace by one outside of it, which ends with the mount.
 */
import { TspodError } from '../errors.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { reasonOfReport } from '../plan/errno.ts';
import { prepareJoined } from './joined-program.ts';
import { runNative } from './native.ts';

export interface FuseMount {
  readonly target: string;
  readonly options: readonly string[];
}

/**
 * A fuse-overlayfs that waits to begin: only now can systemd move it, before it has become a subordinate id. Disposing
 * of one that has not begun ends it.
 */
export interface FuseServer extends Disposable {
  /** As the host sees it. */
  readonly pid: number;
  /**
   * Mount; resolves once the file system is there.
   *
   * @throws {TspodError} when it refuses
   */
  mount(): Promise<void>;
}

/**
 * Prepare a mount by a program that inherits the cgroup which the returned process has when it begins. It ends when
 * we do.
 *
 * @throws {TspodError} when the program is missing
 */
export async function prepareFuseOverlayfs(
  { target, options }: FuseMount,
  monitorPid: number,
  facts: HostFacts,
): Promise<FuseServer> {
  const words = [findProgram(facts), '-o', options.join(','), target];
  const server = await prepareJoined(monitorPid, words);
  return {
    pid: server.pid,
    async mount() {
      const { failed, stderr } = await server.start();
      if (failed) throw await explainFailure(stderr);
    },
    [Symbol.dispose]() {
      server[Symbol.dispose]();
    },
  };
}

/**
 * Mount in our own mount namespace, where we are root; it is served until the last mount of it is gone.
 *
 * @param source what the mount table calls it
 * @throws {TspodError} when the program is missing, or refuses
 */
export async function mountFuseOverlayfs(
  { target, options }: FuseMount,
  source: string,
  facts: HostFacts,
): Promise<void> {
  const program = findProgram(facts);
  const words = [program, '-o', options.join(','), '/dev/fd/3']; // The connection is its descriptor 3.
  const { exitCode, stderr } = await runNative(['fuse', target, source, ...words]);
  if (exitCode !== 0) throw await explainFailure(stderr);
}

function findProgram({ helpers }: HostFacts): string {
  const program = helpers['fuse-overlayfs'];
  if (program !== undefined) return program;
  throw new TspodError('the storage driver "fuse-overlayfs" needs the program fuse-overlayfs, which is not installed', {
    remedy: 'An administrator installs it: apt-get install fuse-overlayfs, or dnf install fuse-overlayfs',
  });
}

async function explainFailure(stderr: string): Promise<TspodError> {
  const { explainDevice } = await import('./device-error.ts');
  const missing = explainDevice('fuse-overlayfs', '/dev/fuse', 'copy the image: --storage-driver vfs');
  if (missing !== undefined) return missing;
  const lines = stderr.split('\n').filter((line) => !line.startsWith('unknown argument ignored')); // It warns of one of its own.
  return new TspodError(`fuse-overlayfs cannot mount the root file system: ${reasonOfReport(lines.join(' ').trim())}`, {
    remedy: 'tspod doctor',
  });
}
