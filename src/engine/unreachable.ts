/** A container that runs where nobody reaches its monitor. */
import { existsSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { isDown } from '../model/container-status.ts';
import { containerRuntimePath, readContainer, readMonitor } from '../store/containers.ts';

type Named = Pick<ContainerConfig, 'id' | 'name'>;

/**
 * Say why a monitor that lives does not answer.
 *
 * @throws {TspodError} when the container's runtime directory is gone, as after the last logout of a user without lingering
 */
export function refuseUnreachable(config: Named): void {
  const gone = explainGone(config);
  if (gone === undefined) return;
  throw new TspodError(`the container "${config.name}" cannot be reached: ${gone.cause}`, { remedy: gone.remedy });
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

function explainGone({ id, name }: Named): { readonly cause: string; readonly remedy: string } | undefined {
  const directory = containerRuntimePath(id);
  if (existsSync(directory)) return undefined;
  return {
    cause: `"${directory}" is gone, perhaps with a session`,
    remedy: `Start it anew: tspod restart ${name}. Directories outlive sessions after: loginctl enable-linger`,
  };
}
