/** `run --rmi`: the image goes after the container. */
import { setTimeout as sleep } from 'node:timers/promises';
import { leaveNative } from '../../host/native.ts';
import { programPath, runtimePath, storePath } from '../../host/paths.ts';
import type { ContainerConfig } from '../../model/container-config.ts';
import { isUp } from '../../model/container-status.ts';
import { isMonitorAlive, readContainer, readMonitor } from '../../store/containers.ts';
import { removeImages } from './remove-images.ts';

/**
 * Remove the image of a container that has ended; one that still runs keeps it.
 *
 * @param name as the user named the image
 * @returns why it could not be removed, if it could not
 */
export async function removeUsedUpImage({ id }: ContainerConfig, name: string): Promise<unknown> {
  const status = readContainer(id)?.status;
  if (status !== undefined && isUp(status)) return undefined; // Detached from.
  while (isMonitorAlive(id)) await sleep(5); // It is removing the container.
  const [result] = await removeImages([name], { force: false, ignore: true });
  return result?.error;
}

/**
 * Leave that to a process that waits for the monitor of the container: our own ends before. Why an image could not be
 * removed is an event.
 */
export function removeImageAfterwards({ id }: ContainerConfig, name: string): void {
  const { pid, startTime } = readMonitor(id) ?? { pid: process.pid, startTime: 0 }; // Which none has: it is over.
  const paths = ['--root', storePath(), '--runroot', runtimePath()];
  leaveNative(['after', String(pid), String(startTime), '--', programPath('tspod'), ...paths, 'rmi', '--ignore', name]);
}
