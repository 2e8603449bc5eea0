/** Act on a container while nobody else does. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError, GoneError } from '../errors.ts';
import { isAlive } from '../host/process.ts';
import type { ContainerId } from '../model/container-config.ts';
import { isNew } from '../model/container-status.ts';
import { claimRuntimeDirectory, containerPath } from './container-paths.ts';
import { isMonitorAlive, readContainer, readMonitor, type Container } from './containers.ts';
import { withLock } from '../host/lock.ts';
import { readMount } from './mounted.ts';

/** How long to wait for a container that somebody else has, in milliseconds. */
const WAIT_MS = 60_000;

/**
 * Run `body` under the lock of a container. `run` starts the one that it has made without the lock, so it is waited for
 * first; nobody else can become its starter afterwards.
 *
 * @param body gets the container as it is then
 * @param options.waitMs for whoever starts it, and for whoever has the lock, in milliseconds
 * @throws {BusyError} when that one is not done by then
 * @throws {GoneError} when it was removed meanwhile
 */
export async function withContainer<T>(
  id: ContainerId,
  body: (container: Container) => Promise<T>,
  { waitMs = WAIT_MS } = {},
): Promise<T> {
  let name: string = id;
  try {
    name = (await waitForStarter(id, { waitMs })) ?? id;
    const locked = async () => {
      const container = readContainer(id);
      if (container === undefined) throw new GoneError(`"${id}"`);
      return await body(container);
    };
    return await withLock(containerPath(id), locked, { waitMs });
  } catch (error) {
    if (!(error instanceof GoneError) || existsSync(containerPath(id))) throw error; // Something else may be gone.
    throw new GoneError(`no container with name or ID "${name}" found: it`);
  }
}

/**
 * Wait until the last monitor, which has recorded the exit, is gone; with `--rm` it takes the container along. The
 * runtime directory is this session's afterwards. The caller has the lock.
 *
 * @param options.waitMs in milliseconds
 * @throws {BusyError} when it is there still: somebody has stopped it, or the kernel does not end it
 * @throws {GoneError} when it took the container along
 */
export async function waitForMonitor(id: ContainerId, { waitMs = WAIT_MS } = {}): Promise<Container> {
  const deadline = performance.now() + waitMs;
  while (isMonitorAlive(id)) {
    if (performance.now() > deadline) throw monitorStays(id);
    await sleep(5);
  }
  const container = readContainer(id);
  if (container === undefined) throw new GoneError(`"${id}"`);
  if (readMount(id) === undefined) claimRuntimeDirectory(id); // Else a session may use the other one.
  return container;
}

function monitorStays(id: ContainerId): BusyError {
  const name = readContainer(id)?.config.name ?? id;
  const pid = readMonitor(id)?.pid ?? '';
  return new BusyError(`the container "${name}" has ended, but its monitor, the process ${pid}, has not`, {
    remedy: `See what that waits for: ps -o pid,stat,wchan:32,args -p ${pid}`,
  });
}

/** Whether another process has just made the container and is about to start it. */
export function isBeingStarted({ config: { starter }, status }: Container): boolean {
  return isNew(status) && starter !== undefined && starter.pid !== process.pid && isAlive(starter);
}

/**
 * Wait until no other process is about to start the container that it has made, which may need other containers: whoever
 * acts on several waits for the starters of all before the first lock.
 *
 * @param options.waitMs in milliseconds
 * @returns its name; undefined when it is gone
 * @throws {BusyError} when it is about to still
 */
export async function waitForStarter(id: ContainerId, { waitMs = WAIT_MS } = {}): Promise<string | undefined> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const container = readContainer(id);
    if (container === undefined || !isBeingStarted(container)) return container?.config.name;
    const { name, starter } = container.config;
    if (performance.now() > deadline) {
      throw new BusyError(`the container "${name}" is still being started by the process ${starter?.pid ?? ''}`, {
        remedy: `See what it waits for: ps -fp ${starter?.pid ?? ''}`,
      });
    }
    await sleep(5);
  }
}
