/** Stop, kill and wait for containers: asked of their monitors. */
import { TspodError } from '../errors.ts';
import { request } from '../host/control.ts';
import type { Op } from '../plan/ops.ts';
import { explainOp } from '../plan/sentences.ts';
import {
  containerRuntimePath,
  isMonitorAlive,
  readContainer,
  readMonitor,
  type Container,
} from '../store/containers.ts';
import type { ContainerId } from '../model/container-config.ts';

export interface StopOptions {
  /** seconds between the stop signal and SIGKILL; missing: the container's own */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Stop a container and wait until it has ended; one that does not run is left as it is.
 *
 * @returns whether it was running
 */
export async function stopContainer(
  { config, status }: Container,
  { timeoutSeconds }: StopOptions = {},
): Promise<boolean> {
  if (status === 'created' || status === 'exited') return false;
  const exitCode = await askMonitor(config.id, ['stop', timeoutSeconds ?? config.stopTimeout]);
  if (exitCode === undefined) killMonitor(config.id);
  return true;
}

/**
 * Send a signal to the first process of a container.
 *
 * @param signal signal(7) number
 * @throws {TspodError} when the container does not run
 */
export async function killContainer({ config, status }: Container, signal: number): Promise<void> {
  if (status !== 'running' && status !== 'paused') {
    throw new TspodError(`can only kill running containers: "${config.name}" is ${status}`, {
      remedy: 'tspod ps --all',
    });
  }
  await askMonitor(config.id, ['signal', signal]);
}

/**
 * Wait until a container has ended.
 *
 * @returns its exit status as a shell counts
 */
export async function waitForContainer({ config, status, exit }: Container): Promise<number> {
  if (status === 'created' || status === 'exited' || status === 'unknown')
    return exit?.exitCode ?? (status === 'created' ? 0 : -1);
  const exitCode = await askMonitor(config.id, ['wait']);
  return exitCode ?? readContainer(config.id)?.exit?.exitCode ?? -1;
}

/**
 * Ask a monitor for something.
 *
 * @returns the exit status it answers with, undefined when it is not there or hung up before it knew one
 * @throws {TspodError} when it refuses
 */
export async function askMonitor(id: ContainerId, op: Op, ...more: readonly Op[]): Promise<number | undefined> {
  const ops = [op, ...more];
  const frames = await request(containerRuntimePath(id), ops);
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

/** A monitor that does not answer takes everything below it along: it is pid 1 of its pid namespace. */
function killMonitor(id: ContainerId): void {
  const monitor = readMonitor(id);
  if (monitor !== undefined && isMonitorAlive(id)) process.kill(monitor.pid, 'SIGKILL');
}
