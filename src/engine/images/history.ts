/** `history`: how an image came to be, step by step, and which of the steps are layers. */
import type { ImageConfig } from '../../model/oci-image.ts';
import { layerSize } from '../../store/layers.ts';
import { prepareStore } from './built-in-image.ts';
import { resolveStoredImage } from './find-image.ts';

/** A step in the making of an image. */
export interface HistoryStep {
  /** The image's id for the last step; the others have none here. */
  readonly id: string | undefined;
  /** The image's names, for the last step. */
  readonly tags: readonly string[];
  /** RFC 3339 */
  readonly created: string;
  readonly createdBy: string;
  /** bytes that its layer adds */
  readonly size: number;
  readonly comment: string;
}

/**
 * The steps of an image, the last one first.
 *
 * @throws {NotFoundError} when the store has no such image
 */
export async function readHistory(name: string): Promise<HistoryStep[]> {
  await prepareStore();
  const { id, names, config, layers, created } = await resolveStoredImage(name);
  const told = config.history ?? [];
  const filled = told.filter(({ empty_layer: isEmpty }) => isEmpty !== true).length;
  // What the config does not tell of lies below what it tells of.
  const steps: readonly Step[] = [...layers.slice(filled).map(() => ({})), ...told];
  let next = 0;
  const rows = steps.map((step): HistoryStep => {
    const layer = step.empty_layer === true ? undefined : layers[next++];
    return {
      id: undefined,
      tags: [],
      created: step.created ?? created,
      createdBy: step.created_by ?? '',
      size: layer === undefined ? 0 : layerSize(layer),
      comment: step.comment ?? '',
    };
  });
  return rows
    .reverse()
    .map((row, position) => (position === 0 ? { ...row, id: id.replace('sha256:', ''), tags: names } : row));
}

type Step = NonNullable<ImageConfig['history']>[number];
