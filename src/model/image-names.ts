/** What can be said of the names of a stored image: `repo:tag`, or `repo@digest` when it was pulled by digest. */
import type { Digest } from './digest.ts';

export interface NamedImage {
  readonly names: readonly string[];
  /** Digest of the manifest. */
  readonly digest: Digest;
  /** Digest of the index that it was chosen from, where there was one. */
  readonly indexDigest: Digest | undefined;
}

/** A name without tag and digest; a colon before the last slash is a port's. */
export function repositoryOf(name: string): string {
  const [bare = ''] = name.split('@', 1);
  const colon = bare.indexOf(':', bare.lastIndexOf('/') + 1);
  return colon < 0 ? bare : bare.slice(0, colon);
}

/** The tag of a name; undefined for one with a digest. */
export function tagOf(name: string): string | undefined {
  return name.includes('@') ? undefined : name.slice(repositoryOf(name).length + 1);
}

/** The names with a tag: `docker.io/library/alpine:latest`. */
export function repoTags({ names }: NamedImage): string[] {
  return names.filter((name) => !name.includes('@'));
}

/** `repo@digest` for each repository that has a name for the image. */
export function repoDigests({ names, digest, indexDigest }: NamedImage): string[] {
  const digests = [digest, ...(indexDigest === undefined ? [] : [indexDigest])];
  return [...new Set(names.map(repositoryOf))].sort().flatMap((name) => digests.map((each) => `${name}@${each}`));
}
