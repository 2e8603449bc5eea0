import type { Digest } from './digest.ts';

/** What is mounted into a container. `options` are the words of mount(8) that the user gave: `ro`, `nosuid`, `rslave`, `size=64m`. */
export type Mount =
  | {
      readonly type: 'bind';
      readonly source: string;
      readonly target: string;
      readonly options: readonly string[];
      readonly kept?: KeptOverlay;
    }
  | {
      readonly type: 'volume';
      /** A named volume; an anonymous one has a generated name of 64 hexadecimal digits. */
      readonly name: string;
      readonly target: string;
      readonly options: readonly string[];
      readonly anonymous: boolean;
      readonly kept?: KeptOverlay;
      /** What it is made with when there is none of its name: `--mount volume-opt=`. */
      readonly volumeOptions?: VolumeOptions;
    }
  | {
      readonly type: 'image';
      /** As the user named it. */
      readonly source: string;
      /** Digest of the image's config. */
      readonly id: string;
      /** Diff ids, lowest first. */
      readonly layers: readonly Digest[];
      readonly target: string;
      /** With `rw` the container may write, and what it has written is gone at the next start. */
      readonly options: readonly string[];
      /** The directory of the image that is seen, instead of its root. */
      readonly subpath?: string;
    }
  /** A file system of its own. */
  | { readonly type: 'tmpfs' | 'ramfs' | 'devpts'; readonly target: string; readonly options: readonly string[] };

/** Directories of the user's, in which the option `O` keeps what is written; without them each start begins anew. */
export interface KeptOverlay {
  readonly upper: string;
  readonly work: string;
}

/** As Podman keeps and shows them: `type`, `device`, `o`, `UID`, `GID`, `SIZE`, `NOQUOTA`, `copy`, `nocopy`. */
export type VolumeOptions = Readonly<Record<string, string>>;

export type VolumeMount = Extract<Mount, { type: 'volume' }>;

/** The volumes without a name, which go with their container. */
export function anonymousVolumes(mounts: readonly Mount[]): VolumeMount[] {
  return mounts.flatMap((mount) => (mount.type === 'volume' && mount.anonymous ? [mount] : []));
}

/** The names of all volumes, made up or given. */
export function namesOfVolumes(mounts: readonly Mount[]): string[] {
  return mounts.flatMap((mount) => (mount.type === 'volume' ? [mount.name] : []));
}

/** The directories that are the user's own among those that overlays are written to. */
export function keptOverlays(mounts: readonly Mount[]): KeptOverlay[] {
  return mounts.flatMap((mount) => (hasSource(mount) && mount.kept !== undefined ? [mount.kept] : []));
}

/** Whether a mount shows files that are there without it. */
export function hasSource(mount: Mount): mount is Extract<Mount, { type: 'bind' | 'volume' }> {
  return mount.type === 'bind' || mount.type === 'volume';
}
