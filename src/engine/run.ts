/** `run`: create a container and start it; one that cannot start leaves nothing behind. */
import { rmSync } from 'node:fs';
import { GoneError, TspodError } from '../errors.ts';
import { ownIdentity } from '../host/process.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { ContainerRequest } from '../model/container-request.ts';
import { createContainer, type CreateOptions } from './create.ts';
import { startNewContainer, type StartOptions } from './start.ts';

type RunOptions = StartOptions & Pick<CreateOptions, 'openProgress'>;

/**
 * Create and start a container.
 *
 * @throws {TspodError} when either fails; the container, its volumes and its cidfile are gone again
 */
export async function runContainer(request: ContainerRequest, options: RunOptions): Promise<ContainerConfig> {
  const config = await createContainer(request, { ...options, starter: ownIdentity() });
  try {
    await startNewContainer(config, options);
  } catch (error) {
    const wasStopped = await isStopped(config.id);
    const { discardContainer } = await import('./remove.ts');
    await discardContainer(config.id).catch(() => undefined); // Why it did not start matters more; a sweep takes the rest.
    if (request.cidfile !== undefined) rmSync(request.cidfile, { force: true });
    if (!wasStopped) throw error;
    throw new TspodError(`the container "${config.name}" was stopped or removed while it was started`, {
      cause: error,
    });
  }
  return config;
}

/** Whether somebody else has ended it: that is the reason then, whatever came of it here. Who is at it has the lock. */
async function isStopped(id: ContainerConfig['id']): Promise<boolean> {
  const { withContainer } = await import('../store/held-container.ts');
  try {
    return await withContainer(id, ({ exit }) => Promise.resolve(exit?.stoppedByUser === true));
  } catch (error) {
    return error instanceof GoneError;
  }
}
