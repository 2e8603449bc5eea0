/** pasta: the monitor's network namespace gets a copy of the host's addresses and routes. */
import { TspodError } from '../../errors.ts';
import type { NetworkDriver } from '../../plan/network.ts';
import { prepareJoined } from '../joined-program.ts';
import { explainClosedPort } from './free-port.ts';
import type { NetworkTarget, RunningNetwork } from './index.ts';

/**
 * Prepare a pasta that lives in the monitor's user and pid namespace, so that the kernel ends it with the monitor.
 *
 * @throws {TspodError} when it is not installed
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
  await mapped;
  const words = [program, ...args, '--netns-only', '--no-netns-quit', '--netns'];
  const pasta = await prepareJoined(monitorPid, words, { lastWord: 'netns' });
  return {
    pids: [pasta.pid],
    async connect() {
      const { failed, stderr } = await pasta.start();
      if (failed) throw (await explainClosedPort(forwards)) ?? (await explainFailure(stderr));
    },
    release() {
      // It ends with the monitor anyway.
    },
    async [Symbol.asyncDispose]() {
      pasta[Symbol.dispose]();
      await Promise.resolve();
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
