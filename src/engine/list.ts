/** Find containers: all of them, or those the user names. */
import { NotFoundError, TspodError } from '../errors.ts';
import { listContainers } from '../store/container-list.ts';
import { findContainer, type Container } from '../store/containers.ts';
import { sweep } from './sweep.ts';

export { listDamagedContainers } from '../store/container-list.ts';
export { findContainer, type Container } from '../store/containers.ts';

/** Clear away what killed processes have left behind, and list the containers that stay, oldest first. */
export async function sweepAndList(): Promise<Container[]> {
  return await sweep(listContainers());
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
  if (all) return listContainers();
  if (latest) return [newest()];
  return names.map(findContainer);
}

/** The names as the user gave them, or the id of the newest container where it is meant. */
export function namesOrNewest(names: readonly string[], { latest }: { readonly latest: boolean }): readonly string[] {
  return latest ? [newest().config.id] : names;
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
  const container = listContainers().at(-1);
  if (container === undefined) throw new NotFoundError('there is no container yet', { remedy: 'tspod run --help' });
  return container;
}
