/**
 * fuse-overlayfs: mounted in a monitor's own mount and pid namespace, so that it ends with the monitor, else guarded; or
 * in our own mount namespace by one outside of it, which ends with the mount.
 */
import { TspodError } from '../errors.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { reasonOfReport } from '../plan/errno.ts';
import { nativeProgram, runNative } from './native.ts';
import { readNamespaces } from './process.ts';

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
  const program = findProgram(facts);
  const { execa } = await import('execa');
  const monitor = String(monitorPid);
  const join = [nativeProgram(), 'join', monitor, '--', program, '-o', options.join(','), target];
  const isGuarded = readNamespaces(monitorPid).pid === readNamespaces(process.pid).pid; // `--pid host`: nothing ends it.
  const words = isGuarded ? [nativeProgram(), 'guard', monitor, '--', ...join] : join;
  const child = execa('/bin/sh', ['-c', WAIT_THEN_EXEC, 'sh', ...words], { stdout: 'ignore', reject: false });
  if (child.pid === undefined) throw await explainFailure((await child).stderr);
  return {
    pid: child.pid,
    async mount() {
      child.stdin.end('\n');
      const { failed, stderr } = await child;
      if (failed) throw await explainFailure(stderr);
    },
    [Symbol.dispose]() {
      child.stdin.end();
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

/** The end of its input, which is our death too, is no line. */
const WAIT_THEN_EXEC = 'read -r _ && exec "$@" </dev/null';

async function explainFailure(stderr: string): Promise<TspodError> {
  const { explainDevice } = await import('./device-error.ts');
  const missing = explainDevice('fuse-overlayfs', '/dev/fuse', 'copy the image: --storage-driver vfs');
  if (missing !== undefined) return missing;
  const lines = stderr.split('\n').filter((line) => !line.startsWith('unknown argument ignored')); // It warns of one of its own.
  return new TspodError(`fuse-overlayfs cannot mount the root file system: ${reasonOfReport(lines.join(' ').trim())}`, {
    remedy: 'tspod doctor',
  });
}
