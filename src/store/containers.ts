/** Containers on disk: `containers/<id>/`, one directory each. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedContainerError, NameTakenError, NotFoundError, UsageError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { isFrozen } from '../host/frozen.ts';
import { storePath } from '../host/paths.ts';
import { listIfPresent, readIfPresent } from '../host/present.ts';
import { bootId, isAlive, isPresent, isWorking } from '../host/process.ts';
import type { ContainerConfig, ContainerId } from '../model/container-config.ts';
import {
  deriveStatus,
  type ContainerStatus,
  type ExitRecord,
  type InitRecord,
  type ProcessIdentity,
} from '../model/container-status.ts';
import type { HealthRecord } from '../model/healthcheck.ts';
import { stagedPath, withdrawContainer } from './container-garbage.ts';
import { containerPath, containerRuntimePath, isId } from './container-paths.ts';
import { findByName, reserveName } from './names.ts';
import { syncDirectory, writeState } from './state-file.ts';
import { isLost, modeOf } from './volatile.ts';

/** A container as the disk and the kernel show it at one moment. */
export interface Container {
  readonly config: ContainerConfig;
  readonly status: ContainerStatus;
  readonly init?: InitRecord | undefined;
  readonly exit?: ExitRecord | undefined;
  /** Of its last run, when it has a health check. */
  readonly health?: HealthRecord | undefined;
}

/**
 * Put a new container on disk, then give it its name: a crash between the two leaves a container that
 * `ps -a` shows and `rm` takes.
 *
 * @throws {NameTakenError} when another container has the name
 */
export async function addContainer(config: ContainerConfig): Promise<void> {
  const staged = stagedPath(config.id);
  const directory = containerPath(config.id);
  const durability = config.remove ? 'volatile' : 'durable';
  ensureDirectory(staged, modeOf({ isVolatile: config.remove }));
  try {
    writeState(join(staged, 'config.json'), config, { durability });
    renameSync(staged, directory);
    if (durability === 'durable') syncDirectory(storePath('containers'));
    const holder = await reserveName(config.name, config.id);
    if (holder !== undefined) throw new NameTakenError(config.name, holder);
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    withdrawContainer(config.id);
    throw error;
  }
}

/** Replace the config of a container; the caller holds its lock. */
export function writeConfig(config: ContainerConfig): void {
  const durability = config.remove ? 'volatile' : 'durable';
  writeState(containerPath(config.id, 'config.json'), config, { durability });
}

/** Read one container by its full id; undefined when there is none. */
export function readContainer(id: ContainerId): Container | undefined {
  const container = readOnce(id);
  // A start that replaces the records between two of our reads looks as if the monitor had been killed; a
  // monitor that removes the container (--rm) between two of them, as if it had yet to record the exit.
  return container?.status === 'unknown' || container?.status === 'stopping' ? readOnce(id) : container;
}

function readOnce(id: ContainerId): Container | undefined {
  const config = readConfig(id);
  if (config === undefined) return undefined;
  const init = readJson(id, 'init.json') as InitRecord | undefined;
  const monitorAlive = init !== undefined && isMonitorWorking(init);
  const initAlive = monitorAlive && isPresent(init); // Else the kernel is ending it with its monitor.
  const exit = readJson(id, 'exit.json') as ExitRecord | undefined; // Last: a monitor that is gone by now has written it.
  const status = deriveStatus({
    init,
    exit,
    initAlive,
    monitorAlive,
    frozen: initAlive && init.cgroup !== '' && isFrozen(init.cgroup),
    prepared: init === undefined && exit === undefined && existsSync(containerRuntimePath(id, 'bundle/config.json')),
    bootId: bootId(),
  });
  const health = config.health && (readJson(id, 'health.json') as HealthRecord | undefined);
  return { config, status, init, exit, health };
}

/**
 * Find a container by name, id, or the beginning of an id; a slash before it is Docker's.
 *
 * @throws {NotFoundError} when none matches
 * @throws {UsageError} when several do
 */
export function findContainer(given: string): Container {
  const text = given.replace(/^\//, '');
  const named = findByName(text);
  const container = named === undefined ? undefined : readContainer(named);
  if (container?.config.name === text) return container; // Another name of it is what a rename has left.
  const matches = /^[0-9a-f]+$/.test(text)
    ? listIfPresent(storePath('containers')).filter((name) => isId(name) && name.startsWith(text))
    : [];
  if (matches.length > 1) {
    throw new UsageError(`"${text}" is the beginning of ${matches.length} container ids`, {
      remedy: 'Give more of the id.',
    });
  }
  const found = matches[0] === undefined ? undefined : readContainer(matches[0] as ContainerId);
  if (found === undefined) {
    throw new NotFoundError(`no container with name or ID "${given}" found: no such container`, {
      remedy: 'tspod ps --all',
    });
  }
  return found;
}

/** The monitor holds a lock for its life, and says in the file who it is. */
export function readMonitor(id: ContainerId): ProcessIdentity | undefined {
  return readJson(id, 'monitor.lock') as ProcessIdentity | undefined;
}

/** Whether the container's monitor lives. */
export function isMonitorAlive(id: ContainerId): boolean {
  const monitor = readMonitor(id);
  return monitor !== undefined && isAlive(monitor);
}

/** Not any more once it was killed, though it may take a while to end. */
function isMonitorWorking({ monitorPid, monitorStartTime, bootId: born }: InitRecord): boolean {
  return isWorking({ pid: monitorPid, startTime: monitorStartTime, bootId: born });
}

/** @throws {DamagedContainerError} when it is none of ours, which only an outsider or the disk can have caused */
function readConfig(id: ContainerId): ContainerConfig | undefined {
  try {
    const text = readIfPresent(containerPath(id, 'config.json')) ?? '';
    if (text === '' && (isLost(containerPath(id)) || !existsSync(containerPath(id)))) return undefined;
    const config = JSON.parse(text) as Partial<ContainerConfig> | null;
    if (config?.version !== 1 || config.id !== id) throw new Error('it has no config of this version and id');
    return config as ContainerConfig;
  } catch (cause) {
    throw new DamagedContainerError(id, containerPath(id, 'config.json'), { cause });
  }
}

/** Evidence: what a power cut has left half is none, and a monitor that has just opened its lock file has not said who it is. */
function readJson(id: ContainerId, file: string): unknown {
  try {
    return JSON.parse(readIfPresent(containerPath(id, file)) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}
