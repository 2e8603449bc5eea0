/** `run --rmi`: the image goes after the container. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerConfig } from '../model/container-config.ts';
import { isMonitorAlive, readContainer } from '../store/containers.ts';
import { removeImages } from './remove-images.ts';

/**
 * Remove the image of a container that has ended; one that still runs keeps it.
 *
 * @param name as the user named the image
 * @returns why it could not be removed, if it could not
 */
export async function removeUsedUpImage({ id }: ContainerConfig, name: string): Promise<unknown> {
  const status = readContainer(id)?.status;
  if (status === 'running' || status === 'paused') return undefined; // Detached from.
  while (isMonitorAlive(id)) await sleep(5); // It is removing the container.
  const [result] = await removeImages([name], { force: false, ignore: true });
  return result?.error;
}
