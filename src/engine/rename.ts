/** Give a container another name. */
import { GoneError, NameTakenError, UsageError } from '../errors.ts';
import { parseContainerName } from '../model/container-name.ts';
import { containerPath, readContainer, writeConfig, type Container } from '../store/containers.ts';
import { recordContainerEvent } from '../store/events.ts';
import { withLock } from '../store/lock.ts';
import { findByName, releaseName, reserveName } from '../store/names.ts';
import { tellMonitor } from './update.ts';

/**
 * Rename a container; a running one learns it, too.
 *
 * The new name is taken before the old one is freed: a crash between the two leaves a container with two.
 *
 * @throws {NameTakenError} when another container has the name
 */
export async function renameContainer({ config: { id } }: Container, name: string): Promise<void> {
  parseContainerName(name);
  await withLock(containerPath(id), async () => {
    const container = readContainer(id);
    if (container === undefined) throw new GoneError(containerPath(id));
    const { config } = container;
    if (config.name === name) throw new UsageError(`the name of "${name}" is "${name}" already`);
    const holder = findByName(name) === id ? undefined : reserveName(name, id);
    if (holder !== undefined) throw new NameTakenError(name, holder);
    const renamed = { ...container, config: { ...config, name } };
    try {
      writeConfig(renamed.config);
    } catch (error) {
      releaseName(name, id);
      throw error;
    }
    await tellMonitor(renamed, []);
    releaseName(config.name, id);
    await recordContainerEvent(renamed.config, 'rename');
  });
}
