/** The images that a container is made of, or shows. */
import type { ContainerConfig } from './container-config.ts';
import type { Digest } from './digest.ts';

/** Its own image first, then those of `--mount type=image`. */
export function usedImages({
  root,
  mounts,
}: Pick<ContainerConfig, 'root' | 'mounts'>): { readonly id: string; readonly layers: readonly Digest[] }[] {
  return [...('image' in root ? [root.image] : []), ...mounts.filter((mount) => mount.type === 'image')];
}
