/** pasta: the monitor's network namespace gets a copy of the host's addresses and routes. */
import { TspodError } from '../../errors.ts';
import type { NetworkDriver } from '../../plan/network.ts';
import { endProcess, identify } from '../end-process.ts';
import { nativeProgram } from '../native.ts';
import { explainClosedPort } from './free-port.ts';
import type { NetworkTarget, RunningNetwork } from './index.ts';

/**
 * Start pasta below a guard that ends it with the monitor (native/guard.c); it is ready when this resolves.
 *
 * @throws {TspodError} when it is not installed or refuses
 */
export async function startPasta(
  { args, forwards }: Extract<NetworkDriver, { kind: 'pasta' }>,
  { monitorPid, mapped, facts }: NetworkTarget,
): Promise<RunningNetwork> {
  const program = facts.helpers.pasta;
  if (program === undefined) {
    throw new TspodError('the network "pasta" needs the program "pasta", which is not installed', {
      remedy:
        'An administrator installs it: apt-get install passt (Debian, Ubuntu), dnf install passt (Fedora); or use another network: --network slirp4netns',
    });
  }
  const [{ execa }] = await Promise.all([import('execa'), mapped]);
  const guard = await execa(
    nativeProgram(),
    ['guard', String(monitorPid), '--', program, ...args, String(monitorPid)],
    { stdin: 'ignore', reject: false, cleanup: false },
  );
  if (guard.failed) {
    throw (await explainClosedPort(forwards)) ?? (await explainFailure(guard.stderr));
  }
  const pids = guard.stdout.trim().split(/\s+/).map(Number);
  const processes = pids.map(identify);
  let isReleased = false;
  return {
    pids,
    ready: Promise.resolve(),
    release() {
      isReleased = true;
    },
    async [Symbol.asyncDispose]() {
      if (!isReleased) await Promise.all(processes.map(endProcess));
    },
  };
}

async function explainFailure(stderr: string): Promise<TspodError> {
  const { explainDevice } = await import('../device-error.ts');
  const missing = explainDevice('pasta', '/dev/net/tun', 'run without a network: --network none');
  if (missing !== undefined) return missing;
  return new TspodError(`pasta cannot make the network of the container: ${reasonIn(stderr)}`, {
    remedy: 'Check the options after pasta: with man pasta; or use another network: --network slirp4netns',
  });
}

/** The last line says why, unless it is one of the usage that follows an unknown option. */
function reasonIn(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const line = (lines.some((text) => text.startsWith('Usage:')) ? lines[0] : lines.at(-1)) ?? '';
  return line.startsWith('execvp:') ? 'one of its options has a value that it does not take' : line;
}
