/** Our own forwarder of published ports: native/forward.c. */
import { TspodError } from '../../errors.ts';
import type { NetworkPlan, PortForward } from '../../plan/network.ts';
import { endProcess, identify } from '../end-process.ts';
import { runNative } from '../native.ts';
import type { NetworkTarget, RunningNetwork } from './index.ts';
import { explainPort } from './port-error.ts';

/**
 * Open the ports; they are open when this resolves. The forwarder ends with the monitor.
 *
 * @throws {TspodError} naming the port that cannot be opened
 */
export async function startForwarder(
  { forwards, address }: NetworkPlan,
  { monitorPid }: NetworkTarget,
): Promise<RunningNetwork> {
  const { exitCode, stdout, stderr } = await runNative([
    'forward',
    String(monitorPid),
    address,
    ...forwards.flatMap(words),
  ]);
  if (exitCode !== 0) throw explain(stderr.trim(), forwards);
  const pid = Number(stdout);
  const forwarder = identify(pid);
  let isReleased = false;
  return {
    pids: [pid],
    connect: () => Promise.resolve(),
    release() {
      isReleased = true;
    },
    async [Symbol.asyncDispose]() {
      if (!isReleased) await endProcess(forwarder);
    },
  };
}

function words({ protocol, hostIp, hostPort, containerPort, isWildcard }: PortForward): string[] {
  return [protocol, hostIp, String(hostPort), String(containerPort), isWildcard ? 'lenient' : 'strict'];
}

/** `STEP ERRNO DETAIL`; of a port the detail is its place in the list. */
function explain(report: string, forwards: readonly PortForward[]): TspodError {
  const [step, errno, detail] = report.split(' ');
  const forward = step === 'port' ? forwards[Number(detail)] : undefined;
  if (forward !== undefined) return explainPort(forward, Number(errno));
  return new TspodError(`the ports of the container cannot be published: ${report}`, { remedy: 'tspod doctor' });
}
