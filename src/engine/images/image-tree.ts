/** `image tree`: the layers of an image, and what else is made of them. */
import type { Digest } from '../../model/digest.ts';
import { listImages, type StoredImage } from '../../store/images.ts';
import { layerSize } from '../../store/layers.ts';
import { prepareStore } from './built-in-image.ts';
import { resolveStoredImage } from './find-image.ts';

/** A layer on top of those that lead to it. */
export interface LayerNode {
  readonly diffId: Digest;
  /** bytes */
  readonly size: number;
  /** Names of the images that end with it. */
  readonly topOf: readonly string[];
  readonly children: readonly LayerNode[];
}

export interface ImageTree {
  readonly image: StoredImage;
  /** The layers, lowest first; with `whatRequires` the top one alone, and what stands on it. */
  readonly layers: readonly LayerNode[];
}

/**
 * The layers of an image.
 *
 * @throws {NotFoundError} when the store has no such image
 */
export async function readImageTree(
  name: string,
  { whatRequires }: { readonly whatRequires: boolean },
): Promise<ImageTree> {
  await prepareStore();
  const image = await resolveStoredImage(name);
  const images = listImages();
  const paths = image.layers.map((_, position) => image.layers.slice(0, position + 1));
  if (!whatRequires) return { image, layers: paths.map((path) => nodeOf(path, images, [])) };
  return { image, layers: paths.slice(-1).map((path) => nodeOf(path, images, childrenOf(path, images))) };
}

function nodeOf(path: readonly Digest[], images: readonly StoredImage[], children: readonly LayerNode[]): LayerNode {
  const [diffId] = path.slice(-1);
  if (diffId === undefined) throw new RangeError('a path of layers is never empty');
  const topOf = images.filter(({ layers }) => layers.length === path.length && startsWith(layers, path));
  return { diffId, size: layerSize(diffId), topOf: topOf.flatMap(({ names }) => names), children };
}

/** What stands on a layer: each next layer that an image has there. */
function childrenOf(path: readonly Digest[], images: readonly StoredImage[]): LayerNode[] {
  const above = images.filter(({ layers }) => layers.length > path.length && startsWith(layers, path));
  const next = new Set(above.flatMap(({ layers }) => layers.slice(path.length, path.length + 1)));
  return [...next].map((diffId) => {
    const longer = [...path, diffId];
    return nodeOf(longer, images, childrenOf(longer, above));
  });
}

function startsWith(layers: readonly Digest[], path: readonly Digest[]): boolean {
  return path.every((diffId, position) => layers[position] === diffId);
}
