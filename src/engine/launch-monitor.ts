/** Start the processes of a container: its monitor, what gives that a cgroup, a network and a root file system, and init. */
import { placeHelpers, placeInSubtree, prepareSubtree } from '../host/cgroup.ts';
import { prepareFuseOverlayfs, type FuseServer } from '../host/fuse-overlayfs.ts';
import { spawnMonitor, type Monitor } from '../host/monitor.ts';
import { startNetwork } from '../host/network/index.ts';
import { isOwnProcess } from '../host/process.ts';
import { scopeName } from '../host/scopes.ts';
import type { UserBus } from '../host/systemd.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { isPassthrough } from '../model/log.ts';
import type { NetworkPlan } from '../plan/network.ts';
import type { RuntimePlan } from '../plan/runtime-plan.ts';
import { containerRuntimePath } from '../store/container-paths.ts';

export interface Launch {
  readonly plan: RuntimePlan;
  readonly network: NetworkPlan;
  readonly facts: HostFacts;
  /** Where systemd makes the container's scope. */
  readonly bus: UserBus | undefined;
}

/**
 * Start a container whose files are all there.
 *
 * @returns the pid of its monitor
 * @throws {TspodError} with the sentence of the op that failed; nothing is left running
 */
export async function launchMonitor(config: ContainerConfig, launch: Launch): Promise<number> {
  const isInSubtree = config.cgroups === 'enabled' && launch.facts.cgroup.manager === 'subtree';
  if (isInSubtree) await prepareSubtree();
  await using monitor = await spawnMonitor(launch.plan.ops, {
    streams: isPassthrough(config.log.driver) ? 'passthrough' : 'monitor',
    keepFds: config.process.preserveFds,
  });
  try {
    await bringUp(config, monitor, { ...launch, isInSubtree });
  } catch (error) {
    throw (await monitor.refusal()) ?? error; // What fails beside a monitor that has given up follows from that.
  }
  return monitor.pid;
}

async function bringUp(
  config: ContainerConfig,
  monitor: Monitor,
  { plan, network, facts, bus, isInSubtree }: Launch & { readonly isInSubtree: boolean },
): Promise<void> {
  await using wired = await startNetwork(network, {
    monitorPid: monitor.pid,
    mapped: monitor.mapped,
    lifeline: monitor.lifeline,
    runDir: containerRuntimePath(config.id),
    facts,
  });
  using fuse = await prepareFuse(plan, monitor, facts);
  const helpers = [...wired.pids, ...(fuse === undefined ? [] : [fuse.pid])].filter(isOwnProcess);
  if (bus !== undefined) {
    const request = {
      name: scopeName(config.id),
      description: `tspod container ${config.name}`,
      pids: [monitor.pid, ...helpers],
      ...(config.cgroupParent === undefined ? {} : { slice: config.cgroupParent }),
    };
    await bus.startScope(request).catch(async (error: unknown) => {
      if (!helpers.every(isOwnProcess)) await wired.connect(); // systemd misses a helper that has ended: that one knows why.
      throw error;
    });
    placeHelpers(monitor.pid, helpers);
  } else if (isInSubtree) {
    placeInSubtree(monitor.pid, { name: `tspod-${config.id}` });
    placeHelpers(monitor.pid, helpers);
  }
  await Promise.all([fuse?.mount(), wired.connect()]);
  await monitor.go();
  wired.release();
}

async function prepareFuse(
  { rootfs }: RuntimePlan,
  monitor: Monitor,
  facts: HostFacts,
): Promise<FuseServer | undefined> {
  if (rootfs.kind !== 'fuse-overlayfs') return undefined;
  await monitor.mapped; // Its user namespace cannot be joined before.
  return await prepareFuseOverlayfs(rootfs, monitor.pid, facts);
}
