/** A container that runs where nobody reaches its monitor. */
import { existsSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { isStopped } from '../host/process.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { isDown } from '../model/container-status.ts';
import { containerRuntimePath } from '../store/container-paths.ts';
import { readContainer, readMonitor } from '../store/containers.ts';

type Named = Pick<ContainerConfig, 'id' | 'name'>;

interface Reason {
  readonly cause: string;
  readonly remedy: string;
}

/**
 * Say why a monitor that lives does not answer.
 *
 * @throws {TspodError} when the container's runtime directory is gone, as after the last logout of a user without
 *   lingering, or the monitor is stopped
 */
export function refuseUnreachable(config: Named): void {
  refuse(config, explainGone(config) ?? explainStopped(config));
}

/**
 * The same for who can do without the runtime directory.
 *
 * @throws {TspodError} when somebody has stopped the monitor, and perhaps lets it go on: SIGSTOP, signal(7)
 */
export function refuseStopped(config: Named): void {
  refuse(config, explainStopped(config));
}

function refuse({ name }: Named, reason: Reason | undefined): void {
  if (reason === undefined) return;
  throw new TspodError(`the container "${name}" cannot be reached: ${reason.cause}`, { remedy: reason.remedy });
}

/**
 * Say that a change is in the config, and not in force.
 *
 * @throws {TspodError} unless the container has ended meanwhile, when the next start is all that is left
 */
export function refuseUntold(config: Named): void {
  const container = readContainer(config.id);
  if (container === undefined || isDown(container.status)) return;
  const pid = readMonitor(config.id)?.pid ?? 0;
  const { cause, remedy } = explainGone(config) ?? {
    cause: `its monitor, the process ${pid}, does not answer`,
    remedy: `See what that waits for: ps -o pid,stat,wchan:32,args -p ${pid}`,
  };
  throw new TspodError(
    `the changes of the container "${config.name}" are recorded for its next start, but not in force: ${cause}`,
    { remedy },
  );
}

function explainStopped({ id }: Named): Reason | undefined {
  const monitor = readMonitor(id);
  if (monitor === undefined || !isStopped(monitor)) return undefined;
  return {
    cause: `its monitor, the process ${monitor.pid}, is stopped`,
    remedy: `Let it go on: kill -CONT ${monitor.pid}`,
  };
}

function explainGone({ id, name }: Named): Reason | undefined {
  const directory = containerRuntimePath(id);
  if (existsSync(directory)) return undefined;
  return {
    cause: `"${directory}" is gone, perhaps with a session`,
    remedy: `Start it anew: tspod restart ${name}. Directories outlive sessions after: loginctl enable-linger`,
  };
}
