/** Find containers: all of them, or those the user names. */
import { NotFoundError, TspodError } from '../errors.ts';
import { listContainers as listStored } from '../store/container-list.ts';
import { findContainer, type Container } from '../store/containers.ts';
import { sweep } from './sweep.ts';

export { listDamagedContainers } from '../store/container-list.ts';
export type { Container } from '../store/containers.ts';

/** Every container, oldest first; what killed processes have left behind is cleared away. */
export async function listContainers(): Promise<Container[]> {
  return await sweep(listStored());
}

/** How a command names containers: `--all`, `--latest`, or names and ids. */
export interface Selection {
  readonly all?: boolean;
  readonly latest?: boolean;
}

/**
 * The containers a command is about.
 *
 * @throws {NotFoundError} when one of them does not exist
 */
export function findContainers(names: readonly string[], { all = false, latest = false }: Selection = {}): Container[] {
  if (all) return listStored();
  if (latest) return [newest()];
  return names.map(findContainer);
}

/** The ids of the images that the store has under these names; what names none is left out. */
export async function findImageIds(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  if (names.length === 0) return ids;
  const { resolveStoredImage } = await import('./images/find-image.ts'); // Few ask for it, and `ps` must not wait.
  for (const name of names) {
    try {
      ids.set(name, (await resolveStoredImage(name)).id);
    } catch (error) {
      if (!(error instanceof TspodError)) throw error;
    }
  }
  return ids;
}

function newest(): Container {
  const container = listStored().at(-1);
  if (container === undefined) throw new NotFoundError('there is no container yet', { remedy: 'tspod run --help' });
  return container;
}
