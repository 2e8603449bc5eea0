/** The network of a container that is being started: its driver and its published ports. */
import type { HostFacts } from '../../model/host-facts.ts';
import type { NetworkPlan } from '../../plan/network.ts';

export interface NetworkTarget {
  /** As the host sees it; its namespaces exist. */
  readonly monitorPid: number;
  /** Their id maps are written: slirp4netns and pasta become root in there. */
  readonly mapped: Promise<void>;
  /** A descriptor of the monitor that hangs up when it ends. */
  readonly lifeline: number;
  /** The container's runtime directory. */
  readonly runDir: string;
  readonly facts: Pick<HostFacts, 'helpers' | 'uid'>;
}

/** Processes that serve one container; disposing of it ends them unless they were released. */
export interface RunningNetwork extends AsyncDisposable {
  /** As the host sees them, for the container's cgroup. */
  readonly pids: readonly number[];
  /**
   * Let go on who waits for its cgroup; resolves once the container may begin: it has its addresses, and every port is
   * open.
   *
   * @throws {TspodError} when a helper fails or a port cannot be opened
   */
  connect(): Promise<void>;
  /** They go on without us, until the monitor ends. */
  release(): void;
}

/**
 * Start what the network needs; nothing, without loading anything, where it needs nothing.
 *
 * @throws {TspodError} when a helper is missing or a port cannot be opened
 */
export async function startNetwork(plan: NetworkPlan, target: NetworkTarget): Promise<RunningNetwork> {
  const parts = await Promise.allSettled([startDriver(plan, target), startForwarder(plan, target)]);
  const running = parts.flatMap((part) =>
    part.status === 'fulfilled' && part.value !== undefined ? [part.value] : [],
  );
  const network = join(running);
  const failed = parts.find((part) => part.status === 'rejected');
  if (failed !== undefined) {
    await network[Symbol.asyncDispose]();
    throw failed.reason;
  }
  return network;
}

async function startDriver({ driver }: NetworkPlan, target: NetworkTarget): Promise<RunningNetwork | undefined> {
  switch (driver.kind) {
    case 'none':
      return undefined;
    case 'slirp4netns':
      return await (await import('./slirp4netns.ts')).startSlirp(driver, target);
    case 'pasta':
      return await (await import('./pasta.ts')).startPasta(driver, target);
  }
}

async function startForwarder(plan: NetworkPlan, target: NetworkTarget): Promise<RunningNetwork | undefined> {
  if (plan.forwards.length === 0) return undefined;
  return await (await import('./forward.ts')).startForwarder(plan, target);
}

function join(parts: readonly RunningNetwork[]): RunningNetwork {
  return {
    pids: parts.flatMap(({ pids }) => pids),
    async connect() {
      await Promise.all(parts.map((part) => part.connect()));
    },
    release: () => parts.forEach((part) => part.release()),
    async [Symbol.asyncDispose]() {
      await Promise.all(parts.map((part) => part[Symbol.asyncDispose]()));
    },
  };
}
