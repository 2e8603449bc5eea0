/** Start a container: compile its plan, start its monitor, give that a cgroup and a network, let it go. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { GoneError, NotFoundError, TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { probeHost } from '../host/probe.ts';
import { openUserBus } from '../host/systemd.ts';
import { readTerminalSize } from '../host/terminal.ts';
import { refuseUserns, removeTrees } from '../host/userns.ts';
import type { ContainerConfig, ContainerId } from '../model/container-config.ts';
import { dependenciesOf } from '../model/container-dependencies.ts';
import { isDown } from '../model/container-status.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { keptOverlays, type Mount } from '../model/mount.ts';
import { compile } from '../plan/compile.ts';
import { compileNetwork } from '../plan/network.ts';
import { isOverlaid } from '../plan/mounts.ts';
import type { PlanInput, RuntimePlan } from '../plan/runtime-plan.ts';
import { claimRuntimeDirectory, containerPath, containerRuntimePath, ensureUpper } from '../store/container-paths.ts';
import { readContainer, type Container } from '../store/containers.ts';
import { hasCopyRecords } from '../store/copies.ts';
import { waitForMonitor, withContainer } from '../store/held-container.ts';
import { readMount } from '../store/mounted.ts';
import { writeState } from '../store/state-file.ts';
import { isUnclaimed } from '../store/volumes.ts';
import { launchMonitor } from './launch-monitor.ts';
import { findLeftCgroup } from './left-cgroup.ts';
import { completeLog } from './logs/log-driver.ts';
import { readSecretVariables } from './secret-variables.ts';
import { makeVolumes } from './volumes/make-volumes.ts';
import { passSockets } from './pass-sockets.ts';
import { findPlanInput } from './plan-input.ts';
import { findHostNetwork, writeRuntimeFiles } from './runtime-files.ts';
import { copyLayers } from './vfs.ts';

export interface StartOptions {
  /** `expected`: output waits until the CLI has become the attach client. */
  readonly attach: 'expected' | 'none';
}

interface NeededOptions extends StartOptions {
  /** The sockets of systemd's that we have are for what the user has named, not for what that needs. */
  readonly sockets: 'pass' | 'keep';
}

/**
 * Start a container that exists; one that runs is left as it is. With `--rm` one that cannot be started is removed.
 *
 * @returns whether it was started now
 * @throws {GoneError} when it was removed meanwhile
 * @throws {TspodError} when it is paused or an op fails
 */
export async function startContainer(id: ContainerId, options: StartOptions): Promise<boolean> {
  return await startWithNeeded(id, { ...options, sockets: 'pass' });
}

async function startWithNeeded(id: ContainerId, options: NeededOptions): Promise<boolean> {
  const begun = new Set<ContainerId>();
  for (;;) {
    // Nobody starts a container under the lock of another: who needs whom is not the order in which locks are taken.
    const result = await withContainer(id, async (container) => {
      const needed = isDown(container.status) ? findDown(container.config, begun) : [];
      return needed.length > 0 ? { ...container, needed } : await startUnderLock(container, options);
    });
    if (typeof result === 'boolean') return result;
    if ('failure' in result) {
      const { discardUnstarted } = await import('./remove.ts');
      await discardUnstarted(id).catch(() => undefined); // Why it did not start matters more; a sweep takes the rest.
      throw result.failure;
    }
    for (const other of result.needed) {
      begun.add(other);
      await startDependency(other, result.config);
    }
  }
}

/** What a container needs and does not run, but for those that were begun: they may have ended by themselves. */
function findDown(config: ContainerConfig, begun: ReadonlySet<ContainerId>): readonly ContainerId[] {
  return dependenciesOf(config).filter((id) => !begun.has(id) && readContainer(id)?.status !== 'running');
}

/** @returns whether it was started now, or why it could not be: what follows from that needs the lock, too */
async function startUnderLock(
  container: Container,
  options: NeededOptions,
): Promise<boolean | { readonly failure: unknown }> {
  const {
    config: { id, name },
    status,
  } = container;
  if (status === 'running' || status === 'restarting') return false;
  if (status === 'paused') {
    throw new TspodError(`cannot start the container "${name}": it is paused`, {
      remedy: `tspod unpause ${name}`,
    });
  }
  if (status === 'stopping') {
    throw new TspodError(`cannot start the container "${name}": it is being stopped`, {
      remedy: `tspod wait ${name}`,
    });
  }
  const down = await waitForMonitor(id);
  const { config } = down;
  await refuseIfMounted(config);
  if (hasCopyRecords(id)) await (await import('./entrance.ts')).removeLeftCopies(down);
  const left = [...findLeftCgroup(container), ...findUsedWork(config)];
  if (left.length > 0) await removeTrees(left, await probeHost());
  forgetLastRun(id);
  await makeVolumes(config);
  const process = { ...config.process, preserveFds: 0 }; // They were those of the shell that called `run`.
  const started = options.sockets === 'pass' ? passSockets({ ...config, process }) : { ...config, process };
  try {
    await launch(started, options);
    return true;
  } catch (failure) {
    return { failure };
  }
}

/**
 * The root of a `--rm` container is mounted as `volatile`, and the kernel takes the work directory of such a one but once:
 * overlayfs.rst. A monitor whose start has failed has given it back, root_give_back() in native/root.c, but one that was
 * killed, or that a restart has told to leave the container, has not.
 */
function findUsedWork({ id, remove }: ContainerConfig): string[] {
  const work = containerPath(id, 'work');
  return remove && existsSync(work) ? [work] : [];
}

async function refuseIfMounted(config: ContainerConfig): Promise<void> {
  if (readMount(config.id) === undefined) return;
  const { refuseMounted } = await import('./session-mounts.ts');
  refuseMounted(config, `cannot start the container "${config.name}"`);
}

/** Whatever the records of the last start say, it is over. */
function forgetLastRun(id: ContainerId): void {
  for (const file of ['init.json', 'exit.json', 'health.json']) rmSync(containerPath(id, file), { force: true });
}

/**
 * Do what can be done before a start: compile the plan, which finds what the host does not allow, and write the files
 * that the container will see and the runtime spec.
 *
 * @throws {TspodError} when it is gone or could not be started as it is
 */
export async function initContainer(id: ContainerId): Promise<void> {
  await withContainer(id, async ({ config, status }) => {
    if (!isDown(status) || status === 'initialized') {
      throw new TspodError(`cannot initialize the container "${config.name}": it is ${status}`, {
        remedy: status === 'initialized' ? `tspod start ${config.name}` : `tspod stop ${config.name}`,
      });
    }
    await waitForMonitor(id);
    const facts = await probeHost();
    const network = compileNetwork(config, findHostNetwork(config));
    const input = await findPlanInput(config, facts);
    const plan = compile({ ...input, attach: false });
    writeRuntimeFiles(config, facts, network);
    await prepareRootfs(input, plan);
    ensureDirectory(containerRuntimePath(id, 'bundle'));
    forgetLastRun(id);
    writeState(containerRuntimePath(id, 'bundle/config.json'), plan.spec, { durability: 'volatile' });
  });
}

/** @throws {NotFoundError} when that one was removed, which is no word about the one that needs it */
async function startDependency(id: ContainerId, { name }: ContainerConfig): Promise<void> {
  try {
    await startWithNeeded(id, { attach: 'none', sockets: 'keep' });
  } catch (error) {
    if (!(error instanceof GoneError)) throw error;
    throw new NotFoundError(
      `cannot start the container "${name}": the container "${id}", which it needs, was removed`,
      {
        remedy: `tspod rm ${name}`,
      },
    );
  }
}

/**
 * Start a container that nobody else knows of yet: no lock is needed.
 *
 * @throws {TspodError} with the sentence of the op that failed; nothing is left running
 */
export async function startNewContainer(config: ContainerConfig, options: StartOptions): Promise<void> {
  for (const id of dependenciesOf(config)) await startDependency(id, config);
  await launch(passSockets(config), options);
}

async function launch(config: ContainerConfig, options: StartOptions): Promise<void> {
  if (keptOverlays(config.mounts).length === 0) {
    await launchAlone(config, options);
    return;
  }
  const { withKept } = await import('./volumes/overlays.ts');
  await withKept(config, () => launchAlone(config, options));
}

async function launchAlone(config: ContainerConfig, { attach }: StartOptions): Promise<void> {
  const facts = await probeHost();
  if (facts.usernsRefusal !== undefined) refuseUserns(facts.usernsRefusal);
  claimRuntimeDirectory(config.id);
  // The bus is asked for while the monitor is being made: its answer takes as long as the id maps.
  await using bus = config.cgroups === 'enabled' && facts.cgroup.manager === 'scope' ? openUserBus() : undefined;
  const network = compileNetwork(config, findHostNetwork(config));
  const input = await findPlanInput(config, facts);
  const plan = compile({
    ...input,
    config: { ...input.config, log: await completeLog(config) },
    attach: attach === 'expected',
    ...(attach === 'expected' && config.process.tty ? { terminalSize: readTerminalSize() } : {}),
    secretEnv: await readSecretVariables(config),
  });
  writeRuntimeFiles(config, facts, network);
  await writeSecrets(config, facts);
  await prepareRootfs(input, plan);
  const monitorPid = await launchMonitor(config, { plan, network, facts, bus });
  writePidfiles(config, monitorPid);
}

async function writeSecrets(config: ContainerConfig, facts: HostFacts): Promise<void> {
  if (config.secrets === undefined) return;
  const { writeSecretFiles } = await import('./container-secrets.ts');
  await writeSecretFiles(config, facts);
}

/** Podman's `--pidfile` and `--conmon-pidfile`: for whoever supervises the container. */
function writePidfiles({ id, pidfile, monitorPidfile }: ContainerConfig, monitorPid: number): void {
  if (monitorPidfile !== undefined) writeFileSync(monitorPidfile, String(monitorPid));
  const pid = pidfile === undefined ? undefined : readContainer(id)?.init?.pid;
  if (pidfile !== undefined && pid !== undefined) writeFileSync(pidfile, String(pid));
}

async function prepareRootfs(
  { config, facts, paths }: Pick<PlanInput, 'config' | 'facts' | 'paths'>,
  { rootfs }: RuntimePlan,
): Promise<void> {
  if (config.mounts.some(needsPreparation)) {
    const { prepareVolumes } = await import('./volumes/volume-options.ts');
    await prepareVolumes(config, paths.volumes, facts);
  }
  if (rootfs.kind === 'vfs') {
    await copyLayers(rootfs, config, facts);
    return;
  }
  ensureUpper(config.id);
}

function needsPreparation(mount: Mount): boolean {
  return (mount.type === 'volume' && isUnclaimed(mount.name)) || mount.options.includes('U') || isOverlaid(mount);
}
