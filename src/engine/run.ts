/** `run`: create a container and start it; one that cannot start leaves nothing behind. */
import { rmSync } from 'node:fs';
import { listeningSockets, refuseMissingDescriptors } from '../host/given-descriptors.ts';
import { ownIdentity } from '../host/process.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { ContainerRequest } from '../model/container-request.ts';
import { createContainer } from './create.ts';
import type { PullDialogue } from './images/image.ts';
import { startNewContainer, type StartOptions } from './start.ts';

type RunOptions = StartOptions & PullDialogue;

/**
 * Create and start a container.
 *
 * @throws {TspodError} when either fails; the container, its volumes and its cidfile are gone again
 */
export async function runContainer(request: ContainerRequest, options: RunOptions): Promise<ContainerConfig> {
  refuseMissingDescriptors(request.preserveFds, 'tspod run --preserve-fds 1 IMAGE COMMAND');
  if (request.preserveFds === 0) listeningSockets(); // What is wrong with them is said before anything is made.
  const config = await createContainer(request, { ...options, starter: ownIdentity() });
  try {
    await startNewContainer(config, options);
  } catch (error) {
    const { discardContainer } = await import('./remove.ts');
    await discardContainer(config.id).catch(() => undefined); // Why it did not start matters more; a sweep takes the rest.
    if (request.cidfile !== undefined) rmSync(request.cidfile, { force: true });
    throw error;
  }
  return config;
}
