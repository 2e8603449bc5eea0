/** The layers that a container's root file system is made of. */
import type { ContainerConfig } from '../model/container-config.ts';
import { capableLayerPath, layerPath } from '../store/layers.ts';

/** Lowest first. With keep-id root is the first subordinate id, and files with capabilities are not those of the layers. */
export function layerPaths({ root, userns }: ContainerConfig): string[] {
  if (!('image' in root)) return [];
  if (userns.kind !== 'keep-id' || userns.uid === 0) return root.image.layers.map(layerPath);
  return root.image.layers.flatMap((diffId) => [layerPath(diffId), capableLayerPath(diffId) ?? []].flat());
}
