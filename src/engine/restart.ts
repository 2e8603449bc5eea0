/** `restart`: stop a container and start it again. */
import { recordContainerEvent } from '../store/events.ts';
import type { Container } from '../store/containers.ts';
import { startContainer } from './start.ts';
import { stopContainer, type StopOptions } from './stop.ts';

/**
 * Restart a container; one that does not run is started.
 *
 * @throws {TspodError} when it cannot be started
 */
export async function restartContainer(container: Container, options: StopOptions): Promise<void> {
  await recordContainerEvent(container.config, 'restart');
  await stopContainer(container, options);
  await startContainer(container.config.id, { attach: 'none' });
}
