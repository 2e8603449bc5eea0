/** Freeze and thaw the processes of containers, through their cgroups. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TspodError } from '../errors.ts';
import { request } from '../host/control.ts';
import { probeHost } from '../host/probe.ts';
import type { ContainerId } from '../model/container-config.ts';
import type { ContainerStatus } from '../model/container-status.ts';
import { explainNoCgroup } from '../plan/cgroup.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { readContainer, type Container } from '../store/containers.ts';
import { withLock } from '../host/lock.ts';
import { askMonitor } from './stop.ts';
import { refuseUnreachable } from './unreachable.ts';

/** A process in an uninterruptible call freezes when that returns: cgroup v2, `cgroup.freeze`. */
const PATIENCE_MS = 10_000;

/**
 * Freeze a container.
 *
 * @throws {TspodError} when it does not run, or has no cgroup
 */
export async function pauseContainer(container: Container): Promise<void> {
  await change(container, { from: 'running', to: 'paused', verb: 'pause' });
}

/**
 * Let a frozen container go on.
 *
 * @throws {TspodError} when it is not paused
 */
export async function unpauseContainer(container: Container): Promise<void> {
  await change(container, { from: 'paused', to: 'running', verb: 'unpause' });
}

/**
 * Freeze a container until the hold is disposed of; its monitor lets it go on as well when we end, however that is.
 *
 * @throws {TspodError} when it does not run, or has no cgroup
 */
export async function holdContainer(container: Container): Promise<AsyncDisposable> {
  const { id } = container.config;
  const running = new AbortController();
  const released = async () => {
    running.abort();
    await hasLeft(id, 'paused');
  };
  try {
    await change(container, { from: 'running', to: 'paused', verb: 'pause', ask: () => hold(id, running.signal) });
  } catch (error) {
    await released();
    throw error;
  }
  return { [Symbol.asyncDispose]: released };
}

/** The connection stays open. */
async function hold(id: ContainerId, signal: AbortSignal): Promise<void> {
  const frames = await request(containerRuntimePath(id), [['hold']], signal);
  const answer = await frames?.[Symbol.asyncIterator]().next();
  if (answer?.done === false && answer.value.type === 'r') return;
  throw new TspodError(`the monitor of "${id}" refused to pause it`, { remedy: 'tspod ps --all' });
}

interface Change {
  readonly from: ContainerStatus;
  readonly to: ContainerStatus;
  readonly verb: 'pause' | 'unpause';
  /** Instead of the verb alone. */
  readonly ask?: () => Promise<unknown>;
}

async function change({ config: { id, name } }: Container, { from, to, verb, ask }: Change): Promise<void> {
  await withLock(containerPath(id), async () => {
    const container = readContainer(id);
    if (container?.status !== from) {
      throw new TspodError(`"${name}" is ${container?.status ?? 'gone'}, not ${from}: it cannot be ${verb}d`, {
        remedy: 'tspod ps --all',
      });
    }
    if (container.init?.cgroup === '') throw await explainNoFreezer(container);
    refuseUnreachable(container.config);
    await (ask === undefined ? askMonitor(id, [verb]) : ask());
    if (await hasLeft(id, from)) return;
    await askMonitor(id, [verb === 'pause' ? 'unpause' : 'pause']);
    throw new TspodError(`the processes of "${name}" did not become ${to} in ${PATIENCE_MS / 1000} seconds`, {
      remedy: `See what they wait for: tspod top ${name} pid state comm`,
    });
  });
}

/** Wait until a container has another status than this one; false when it keeps it for too long. */
async function hasLeft(id: ContainerId, status: ContainerStatus): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (readContainer(id)?.status === status) {
    if (performance.now() > deadline) return false;
    await sleep(5);
  }
  return true;
}

async function explainNoFreezer({ config }: Container): Promise<TspodError> {
  const { cause, remedy } = explainNoCgroup(await probeHost()) ?? {
    cause: 'it was started without one',
    remedy: `Start it with --cgroups=enabled, or stop it: tspod stop ${config.name}`,
  };
  return new TspodError(`cannot pause "${config.name}" without a cgroup of its own, and ${cause}`, { remedy });
}
