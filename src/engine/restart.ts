/** `restart`: stop a container and start it again. */
import type { ContainerConfig } from '../model/container-config.ts';
import type { Container } from '../store/containers.ts';
import { recordContainerEvent } from '../store/events.ts';
import { withContainer } from '../store/held-container.ts';
import { readMount } from '../store/mounted.ts';
import { startContainer } from './start.ts';
import { stopContainer, type StopOptions } from './stop.ts';

/**
 * Restart a container; one that does not run is started.
 *
 * @throws {TspodError} when it cannot be started: one that could not be afterwards is not stopped
 */
export async function restartContainer(container: Container, options: StopOptions): Promise<void> {
  await refuseIfMounted(container.config);
  await recordContainerEvent(container.config, 'restart');
  await stopContainer(container, options);
  await startContainer(container.config.id, { attach: 'none' });
}

async function refuseIfMounted({ id }: ContainerConfig): Promise<void> {
  if (readMount(id) === undefined) return;
  const { refuseRestart } = await import('./session-mounts.ts');
  await withContainer(id, ({ config }) => {
    refuseRestart(config);
    return Promise.resolve();
  });
}
