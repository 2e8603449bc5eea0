/** `top`: what runs in a container. */
import { TspodError } from '../errors.ts';
import { readProcessTable } from '../host/process-table.ts';
import { isUp } from '../model/container-status.ts';
import type { ProcessRecord } from '../model/process-record.ts';
import type { Container } from '../store/containers.ts';

/**
 * The processes of a container, its first one before the others.
 *
 * @throws {TspodError} when it does not run
 */
export function listProcesses({ config, status, init }: Container): ProcessRecord[] {
  if (init === undefined || !isUp(status)) {
    throw new TspodError(`top can only be used on running containers: "${config.name}" is ${status}`, {
      remedy: `tspod start ${config.name}`,
    });
  }
  const processes = readProcessTable(init.pid, { ownPidNamespace: config.pid.kind !== 'host' });
  return processes.sort((a, b) => a.pid - b.pid);
}
