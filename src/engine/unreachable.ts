/** A container that runs where nobody reaches its monitor. */
import { existsSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { containerRuntimePath } from '../store/containers.ts';

/**
 * Say why a monitor that lives does not answer.
 *
 * @throws {TspodError} when the container's runtime directory is gone, as after the last logout of a user without lingering
 */
export function refuseUnreachable({ id, name }: Pick<ContainerConfig, 'id' | 'name'>): void {
  const directory = containerRuntimePath(id);
  if (existsSync(directory)) return;
  throw new TspodError(`the container "${name}" cannot be reached: "${directory}" is gone, perhaps with a session`, {
    remedy: `Start it anew: tspod restart ${name}. Directories outlive sessions after: loginctl enable-linger`,
  });
}
