/** The images that a container is made of, or shows. */
import type { ContainerConfig } from './container-config.ts';
import type { Digest } from './digest.ts';

interface UsedImage {
  /** Digest of its config. */
  readonly id: string;
  readonly name: string;
  /** Diff ids. */
  readonly layers: readonly Digest[];
}

/** Its own image first, then those of `--mount type=image`; each with the name that it was found by. */
export function usedImages({ root, mounts }: Pick<ContainerConfig, 'root' | 'mounts'>): UsedImage[] {
  const shown = mounts.filter((mount) => mount.type === 'image');
  return [
    ...('image' in root ? [root.image] : []),
    ...shown.map(({ id, source, layers }) => ({ id, name: source, layers })),
  ];
}
