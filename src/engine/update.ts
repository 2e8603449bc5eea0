/** Change a container that exists, and its monitor with it: limits, restart policy, health check, name. */
import { TspodError } from '../errors.ts';
import { probeHost } from '../host/probe.ts';
import type { ContainerConfig, ResourceConfig } from '../model/container-config.ts';
import { endsByItself, type RestartPolicy } from '../model/restart-policy.ts';
import type { HealthUpdate } from '../model/healthcheck.ts';
import { anonymousVolumes } from '../model/mount.ts';
import { changeLimits, compileCgroup, explainNoCgroup, type CgroupWrite } from '../plan/cgroup.ts';
import type { Op } from '../plan/ops.ts';
import { changeHealth } from '../plan/healthcheck.ts';
import { cgroupWriteOp, lowerChangeable } from '../plan/lower-settings.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { writeConfig, type Container } from '../store/containers.ts';
import { recordContainerEvent } from '../store/events.ts';
import { withContainer } from '../store/held-container.ts';
import { namePath } from '../store/names.ts';
import { numberDevices } from './device-numbers.ts';
import { checkHealthLog } from './host-files.ts';
import { askMonitor } from './stop.ts';
import { refuseStopped, refuseUntold } from './unreachable.ts';
import { placeVolumes } from './volumes/volume-places.ts';

export interface ContainerUpdate {
  /** Limits that get another value. */
  readonly set: ResourceConfig;
  /** Limits that are taken away. */
  readonly cleared: readonly (keyof ResourceConfig)[];
  readonly restart?: RestartPolicy | undefined;
  readonly health?: HealthUpdate | undefined;
  /** `NAME=VALUE`, for the next start. */
  readonly env: readonly string[];
  /** Names of variables that are taken away. */
  readonly unsetEnv: readonly string[];
}

/**
 * Change limits, restart policy and health check, of a container that runs at once, and its variables for the next start.
 *
 * The config is written first: a crash before the cgroup has them leaves limits that the next start sets.
 *
 * @throws {UsageError} when the limits contradict each other, or their controllers are not delegated
 * @throws {TspodError} when the kernel refuses a limit; the old ones are in force and in the config then
 */
export async function updateContainer({ config: { id } }: Container, update: ContainerUpdate): Promise<void> {
  await withContainer(id, async (container) => {
    const { config } = container;
    checkHealthLog(update.health);
    const changed = applyUpdate(config, { ...update, set: numberDevices(update.set) });
    if (JSON.stringify(changed) === JSON.stringify(config)) return;
    refuseStopped(config);
    const { writes, undo } = await compileChange(container, changed);
    writeConfig(changed);
    let isTold: boolean;
    try {
      isTold = await tellMonitor({ ...container, config: changed }, writes);
    } catch (error) {
      writeConfig(config);
      // Those that were written before the one that failed; what fails now is the same one, which was never changed.
      for (const write of undo) await tellMonitor(container, [write]).catch(() => undefined);
      throw error;
    }
    await recordContainerEvent(changed, 'update');
    const isForNow =
      writes.length > 0 || JSON.stringify(changeableOf(config)) !== JSON.stringify(changeableOf(changed));
    if (!isTold && isForNow) refuseUntold(changed);
  });
}

function applyUpdate(config: ContainerConfig, update: ContainerUpdate): ContainerConfig {
  const { set, cleared, restart, health } = update;
  const kept = Object.entries(config.resources).filter(([limit]) => !cleared.includes(limit as keyof ResourceConfig));
  if (config.remove && restart !== undefined && !endsByItself(restart)) {
    throw new TspodError(`"${config.name}" is removed after its exit (--rm): it cannot be restarted then`, {
      remedy: `tspod update --restart no ${config.name}`,
    });
  }
  const { health: before, noHealthcheck, ...rest } = config;
  const changed = health === undefined ? before : changeHealth(config, health);
  const isDisabled = health === undefined ? noHealthcheck : health === 'disabled';
  return {
    ...rest,
    ...(changed === undefined ? {} : { health: changed }),
    ...(isDisabled === true ? { noHealthcheck: true } : {}),
    process: { ...config.process, env: changeVariables(config.process.env, update) },
    resources: { ...(Object.fromEntries(kept) as ResourceConfig), ...set },
    restart: restart ?? config.restart,
  };
}

function changeVariables(before: readonly string[], { env, unsetEnv }: ContainerUpdate): string[] {
  const nameOf = (line: string) => line.split('=', 1)[0] ?? '';
  const variables = new Map([...before, ...env].map((line) => [nameOf(line), line]));
  for (const name of unsetEnv) variables.delete(name);
  return [...variables.values()];
}

interface Change {
  readonly writes: readonly CgroupWrite[];
  /** What takes them back. */
  readonly undo: readonly CgroupWrite[];
}

async function compileChange({ config, init }: Container, changed: ContainerConfig): Promise<Change> {
  const facts = await probeHost();
  const nothing = { writes: [], undo: [] };
  if (JSON.stringify(config.resources) === JSON.stringify(changed.resources)) return nothing;
  const wanted = compileCgroup(changed, facts);
  if (init === undefined) return nothing;
  const old = init.cgroup === '' ? [] : compileCgroup(config, facts);
  if (init.cgroup !== '') return { writes: changeLimits(old, wanted), undo: changeLimits(wanted, old) };
  const { cause, remedy } = explainNoCgroup(facts) ?? {
    cause: 'it was started without one',
    remedy: `tspod restart ${config.name}`,
  };
  throw new TspodError(`cannot limit "${config.name}", which has no cgroup of its own: ${cause}`, { remedy });
}

/** For the answer of a monitor, which takes no time of its own. */
const PATIENCE_MS = 10_000;

/**
 * Let the monitor of a container know what its config says now.
 *
 * @returns false when there is no monitor, or it does not answer
 * @throws {TspodError} when the kernel refuses one of the writes
 */
export async function tellMonitor({ config }: Container, writes: readonly CgroupWrite[]): Promise<boolean> {
  const more = [...changeableOf(config), ...writes.map(cgroupWriteOp)];
  return (await askMonitor(config.id, ['update'], { more, waitMs: PATIENCE_MS })) !== undefined;
}

function changeableOf(config: ContainerConfig): Op[] {
  return lowerChangeable(config, {
    state: containerPath(config.id),
    run: containerRuntimePath(config.id),
    name: namePath(config.name),
    volumes: placeVolumes(anonymousVolumes(config.mounts)),
  });
}
