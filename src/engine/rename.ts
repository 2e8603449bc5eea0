/** Give a container another name. */
import { NameTakenError } from '../errors.ts';
import { parseContainerName } from '../model/container-name.ts';
import { writeConfig, type Container } from '../store/containers.ts';
import { recordContainerEvent } from '../store/events.ts';
import { withContainer } from '../store/held-container.ts';
import { findByName, releaseName, reserveName } from '../store/names.ts';
import { freeStaleName } from './stale-name.ts';
import { tellMonitor } from './update.ts';

/**
 * Rename a container; a running one learns it, too.
 *
 * The new name is taken before the old one is freed: after a crash between the two, one of them is stale.
 *
 * @throws {NameTakenError} when another container has the name
 */
export async function renameContainer({ config: { id } }: Container, wanted: string): Promise<void> {
  const name = parseContainerName(wanted);
  await withContainer(id, async (container) => {
    const { config } = container;
    if (config.name === name) return;
    let holder = findByName(name) === id ? undefined : await reserveName(name, id);
    if (holder !== undefined && (await freeStaleName(name, holder))) holder = await reserveName(name, id);
    if (holder !== undefined) throw new NameTakenError(name, holder);
    const renamed = { ...container, config: { ...config, name } };
    try {
      writeConfig(renamed.config);
    } catch (error) {
      await releaseName(name, id);
      throw error;
    }
    await tellMonitor(renamed, []);
    await releaseName(config.name, id);
    await recordContainerEvent(renamed.config, 'rename');
  });
}
