/** `history`: how an image came to be, step by step, and which of the steps are layers. */
import { digestHex } from '../../model/digest.ts';
import type { HistoryStep } from '../../model/history-step.ts';
import type { ImageConfig } from '../../model/oci-image.ts';
import { listImages, type StoredImage } from '../../store/images.ts';
import { layerSize } from '../../store/layers.ts';
import { prepareStore } from './built-in-image.ts';
import { resolveStoredImage } from './find-image.ts';

/**
 * The steps of an image, the last one first.
 *
 * @throws {NotFoundError} when the store has no such image
 */
export async function readHistory(name: string): Promise<HistoryStep[]> {
  await prepareStore();
  const image = await resolveStoredImage(name);
  const others = listImages().map((other) => ({ other, count: stepsOf(other).length }));
  let next = 0;
  const rows = stepsOf(image).map((step, at, { length }): HistoryStep => {
    const layer = step.empty_layer === true ? undefined : image.layers[next++];
    const below = image.layers.slice(0, next);
    const isSame = (layers: readonly string[]) =>
      layers.length === next && layers.every((diffId, depth) => diffId === below[depth]);
    const made =
      at === length - 1 ? image : others.find(({ other, count }) => count === at + 1 && isSame(other.layers))?.other;
    return {
      id: made && digestHex(made.id),
      tags: made?.names ?? [],
      created: step.created ?? image.created,
      createdBy: step.created_by ?? '',
      size: layer === undefined ? 0 : layerSize(layer),
      comment: step.comment ?? '',
    };
  });
  return rows.reverse();
}

/** For each image the one that it was made from in one step, where that is among them, too. */
export function findParents(images: readonly StoredImage[]): ReadonlyMap<StoredImage, StoredImage> {
  const keyOf = (steps: readonly Step[], layers: readonly string[]) => JSON.stringify([steps, layers]);
  const made = new Map(images.map((image) => [keyOf(stepsOf(image), image.layers), image]));
  const parents = new Map<StoredImage, StoredImage>();
  for (const image of images) {
    const steps = stepsOf(image);
    const below = steps.at(-1)?.empty_layer === true ? image.layers : image.layers.slice(0, -1);
    const parent = made.get(keyOf(steps.slice(0, -1), below));
    if (parent !== undefined && parent !== image) parents.set(image, parent);
  }
  return parents;
}

type Step = NonNullable<ImageConfig['history']>[number];

/** The first step first. What the config does not tell of lies below what it tells of. */
function stepsOf({ config, layers }: StoredImage): readonly Step[] {
  const told = config.history ?? [];
  const filled = told.filter(({ empty_layer: isEmpty }) => isEmpty !== true).length;
  return [...layers.slice(filled).map(() => ({})), ...told];
}
