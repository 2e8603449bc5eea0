/** `healthcheck run`: a check when the user wants it, by the container's monitor like all others. */
import { TspodError } from '../errors.ts';
import { request } from '../host/control.ts';
import { containerRuntimePath } from '../store/container-paths.ts';
import { findContainer } from '../store/containers.ts';
import { refuseUnreachable } from './unreachable.ts';

/**
 * Run the health check of a container once.
 *
 * @returns whether it has passed
 * @throws {TspodError} when the container does not run, or has no check
 */
export async function runHealthcheck(name: string): Promise<boolean> {
  const { config, status } = findContainer(name);
  if (config.health === undefined) {
    throw new TspodError(`the container "${config.name}" has no defined healthcheck`, {
      remedy: 'Create it with one: --health-cmd COMMAND',
    });
  }
  if (status === 'running') {
    refuseUnreachable(config);
    for await (const { type, payload } of (await request(containerRuntimePath(config.id), [['health-run']])) ?? []) {
      if (type === 'x') return payload.toString() === '0';
      if (type === 'f') break; // It ended, or was paused, meanwhile.
    }
  }
  throw new TspodError(`the container "${config.name}" is not running`, { remedy: `tspod start ${config.name}` });
}
