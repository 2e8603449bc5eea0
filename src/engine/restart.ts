/** `restart`: stop a container and start it again. */
import { ownIdentity } from '../host/process.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { isDown } from '../model/container-status.ts';
import { writeConfig, type Container } from '../store/containers.ts';
import { recordContainerEvent } from '../store/events.ts';
import { withContainer } from '../store/held-container.ts';
import { readMount } from '../store/mounted.ts';
import { startContainer } from './start.ts';
import { stopContainer, type StopOptions } from './stop.ts';
import { refuseStopped } from './unreachable.ts';

/**
 * Restart a container; one that does not run is started.
 *
 * @throws {TspodError} when it cannot be started: one that could not be afterwards is not stopped
 */
export async function restartContainer(container: Container, options: StopOptions): Promise<void> {
  await refuseIfMounted(container.config);
  await recordContainerEvent(container.config, 'restart');
  if (container.config.remove) await keepThroughStop(container.config);
  await stopContainer(container, options);
  await startContainer(container.config.id, { attach: 'none' });
}

/**
 * Have the monitor of a `--rm` container leave it, with its volumes, to us. Where we are killed it goes once it has ended
 * as any whose monitor was: sweep().
 */
async function keepThroughStop({ id }: ContainerConfig): Promise<void> {
  await withContainer(id, async (container) => {
    if (isDown(container.status)) return;
    refuseStopped(container.config);
    const config = { ...container.config, starter: ownIdentity() };
    writeConfig(config);
    const { tellMonitor } = await import('./update.ts');
    await tellMonitor({ ...container, config: { ...config, remove: false } }, []);
  });
}

async function refuseIfMounted({ id }: ContainerConfig): Promise<void> {
  if (readMount(id) === undefined) return;
  const { refuseRestart } = await import('./session-mounts.ts');
  await withContainer(id, ({ config }) => {
    refuseRestart(config);
    return Promise.resolve();
  });
}
