/** Stop, kill and wait for containers: asked of their monitors. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError, GoneError, TspodError } from '../errors.ts';
import { request } from '../host/control.ts';
import { endProcess } from '../host/end-process.ts';
import { isAlive, isStopped } from '../host/process.ts';
import { isDown, isNew, isUp } from '../model/container-status.ts';
import type { Op } from '../plan/ops.ts';
import { explainOp } from '../plan/sentences.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { isMonitorAlive, readContainer, readMonitor, type Container } from '../store/containers.ts';
import { withLock } from '../host/lock.ts';
import type { ContainerConfig, ContainerId } from '../model/container-config.ts';
import { isBeingStarted, waitForStarter } from '../store/held-container.ts';
import { refuseStopped, refuseUnreachable } from './unreachable.ts';

const LOOK_AGAIN_MS = 100;

export interface StopOptions {
  /** seconds between the stop signal and SIGKILL; missing: the container's own */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Stop a container and wait until it has ended; one that does not run is left as it is.
 *
 * @returns whether it was running
 */
export async function stopContainer(container: Container, options: StopOptions = {}): Promise<boolean> {
  const { config, status } = container;
  if (isNew(status) || status === 'exited') return false;
  refuseStopped(config);
  const monitor = readMonitor(config.id);
  if (await askToStop(container, options)) return true;
  try {
    // Whoever starts it now has the lock: what comes of that is to be stopped, not the monitor to be killed.
    await withLock(containerPath(config.id), async () => {
      if (readMonitor(config.id)?.startTime === monitor?.startTime) await endMonitor(config.id);
      else await stopLockedContainer(readContainer(config.id), options);
    });
  } catch (error) {
    if (!(error instanceof GoneError)) throw error;
  }
  return true;
}

/** The same for who has the lock of the container: nobody else can start it. A monitor that is stopped is killed. */
export async function stopLockedContainer(container: Container | undefined, options: StopOptions): Promise<void> {
  if (container === undefined || isNew(container.status) || container.status === 'exited') return;
  const monitor = readMonitor(container.config.id);
  if (monitor !== undefined && isStopped(monitor)) await killMonitor(container.config.id);
  else if (!(await askToStop(container, options))) await endMonitor(container.config.id);
}

/** @returns false when the monitor is not there, or hung up before it knew the end */
async function askToStop({ config }: Container, { timeoutSeconds }: StopOptions): Promise<boolean> {
  return (await askMonitor(config.id, ['stop', timeoutSeconds ?? config.stopTimeout])) !== undefined;
}

/**
 * Send a signal to the first process of a container.
 *
 * @param signal signal(7) number
 * @throws {TspodError} when the container does not run
 */
export async function killContainer({ config, status }: Container, signal: number): Promise<void> {
  if (!isUp(status)) {
    throw new TspodError(`can only kill running containers: "${config.name}" is ${status}`, {
      remedy: 'tspod ps --all',
    });
  }
  refuseUnreachable(config);
  await askMonitor(config.id, ['signal', signal]);
}

/**
 * Wait until a container has ended.
 *
 * @returns its exit status as a shell counts
 */
export async function waitForContainer({ config, status, exit }: Container): Promise<number> {
  if (isNew(status)) return 0;
  // The first process has ended before all of its output is in the log: whoever has waited may read that.
  if (isDown(status) && !isMonitorAlive(config.id)) return exit?.exitCode ?? -1;
  const exitCode = await askMonitor(config.id, ['wait']);
  while (exitCode === undefined && isMonitorAlive(config.id)) await sleep(LOOK_AGAIN_MS); // It cannot be reached.
  return exitCode ?? readContainer(config.id)?.exit?.exitCode ?? -1;
}

/**
 * Ask a monitor for something.
 *
 * @param options.waitMs for its answer, in milliseconds; missing: as long as it takes
 * @returns the exit status it answers with, undefined when it is not there or hung up before it knew one
 * @throws {TspodError} when it refuses
 */
export async function askMonitor(
  id: ContainerId,
  op: Op,
  { more = [], waitMs }: { readonly more?: readonly Op[]; readonly waitMs?: number } = {},
): Promise<number | undefined> {
  const ops = [op, ...more];
  const signal = waitMs === undefined ? undefined : AbortSignal.timeout(waitMs);
  const frames = await request(containerRuntimePath(id), ops, signal);
  if (frames === undefined) return undefined;
  let exitCode: number | undefined;
  for await (const { type, payload } of frames) {
    if (type === 'x') exitCode = Number(payload.toString());
    if (type === 'x' && op[0] === 'wait') break; // A stop ends with the monitor, which hangs up then.
    if (type === 'r' && op[0] !== 'stop' && op[0] !== 'wait') return 0;
    if (type === 'f') {
      const [at, errno] = payload.toString().split(' ').map(Number);
      if (at !== 0) throw explainOp(ops[at ?? 0], errno ?? 0);
      throw new TspodError(`the monitor of "${id}" refused to ${op[0]}: error ${payload.toString()}`, {
        remedy: 'tspod ps --all',
      });
    }
  }
  return exitCode;
}

/** One that has done its work is on its way out. */
async function endMonitor(id: ContainerId): Promise<void> {
  if (readContainer(id)?.status !== 'exited') await killMonitor(id);
}

/** How long a monitor that has recorded the end of its container may take for the last output, in milliseconds. */
const LATE_MS = 1000;

/** End the monitor of a container that has ended, according to the records. */
export async function endLateMonitor(id: ContainerId): Promise<void> {
  const deadline = performance.now() + LATE_MS;
  while (isMonitorAlive(id) && performance.now() < deadline) await sleep(5);
  await killMonitor(id);
}

/**
 * End a monitor that does not answer, with everything below it: it is pid 1 of its pid namespace.
 *
 * @throws {TspodError} when the kernel does not end it
 */
export async function killMonitor(id: ContainerId): Promise<void> {
  const monitor = readMonitor(id);
  if (monitor === undefined || !isMonitorAlive(id)) return;
  await endProcess(monitor);
  const deadline = performance.now() + KILL_MS;
  // The kernel ends what is below it, and its namespaces.
  while (isAlive(monitor)) {
    if (performance.now() > deadline) {
      throw new TspodError(`the monitor of the container "${id}" was killed, and does not end`, {
        remedy: `A file system that does not answer can be why: ps -o pid,stat,wchan:30,args -p ${monitor.pid}`,
      });
    }
    await sleep(5);
  }
}

/** How long a killed process may take to end; the machine may be slow. */
const KILL_MS = 60_000;

/** What a start that is under way has at least, as in native/monitor.c. */
const START_MS = 2000;

/** How long a start that hangs may hold up a stop, in milliseconds; undefined: as long as anything may. */
export function startPatienceMs(
  { stopTimeout }: Pick<ContainerConfig, 'stopTimeout'>,
  { timeoutSeconds = stopTimeout }: StopOptions,
): number | undefined {
  return timeoutSeconds < 0 ? undefined : Math.max(timeoutSeconds * 1000, START_MS);
}

/**
 * End a start that is under way: its monitor, and whoever has made the container for it where that one does not notice.
 * Nothing else that has the container is touched.
 */
export async function endStart(id: ContainerId): Promise<void> {
  const container = readContainer(id);
  if (container === undefined || !isNew(container.status)) return;
  await killMonitor(id);
  if (!isBeingStarted(container)) return;
  try {
    await waitForStarter(id, { waitMs: START_MS });
  } catch (error) {
    if (!(error instanceof BusyError)) throw error;
    await endProcess(container.config.starter);
  }
}
