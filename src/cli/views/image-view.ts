/** Images as `images` shows, sorts and filters them: a row for each name. */
import { UsageError } from '../../errors.ts';
import { digestHex, type Digest } from '../../model/digest.ts';
import { repoDigests, repositoryOf, repoTags, tagOf } from '../../model/image-names.ts';
import type { ImageConfig } from '../../model/oci-image.ts';
import { labelMatchers, parseBoolean, type Matchers } from '../filter.ts';
import type { View } from '../format.ts';
import { goTime, humanAge, humanSize } from '../human.ts';
import { byText } from '../order.ts';
import { parseTimestamp } from '../timestamp.ts';

/** What the engine knows about an image. */
export interface ImageRow {
  readonly id: Digest;
  readonly digest: Digest;
  readonly indexDigest: Digest | undefined;
  readonly names: readonly string[];
  readonly config: ImageConfig;
  /** RFC 3339 */
  readonly created: string;
  /** bytes */
  readonly size: number;
  /** How many containers were made from it. */
  readonly containers: number;
  /** Id of the image that it was made from, where that is here. */
  readonly parent: Digest | undefined;
}

/** An image under one of its names; an image without a name has one row. */
export interface NameRow {
  readonly image: ImageRow;
  readonly name: string | undefined;
}

export interface ImageViewOptions {
  readonly nowMs: number;
  /** Ids in full. */
  readonly full: boolean;
  /** A column for digests. */
  readonly digests: boolean;
  /** A column for names. */
  readonly history: boolean;
}

/** The rows of an image in the table of `images`: one for each name. */
export function rowsOf(image: ImageRow): NameRow[] {
  return image.names.length === 0 ? [{ image, name: undefined }] : image.names.map((name) => ({ image, name }));
}

/** Podman's table and template fields of `images`. */
export function imageView({ nowMs, full, digests, history }: ImageViewOptions): View<NameRow> {
  const id = ({ image }: NameRow) => (full ? image.id : shortId(image));
  const age = ({ image }: NameRow) => humanAge(image.created, nowMs);
  const size = ({ image }: NameRow) => humanSize(image.size);
  const digest = ({ image }: NameRow) => image.digest;
  const names = ({ image }: NameRow) => [...image.names].reverse().join(', ');
  return {
    columns: [
      { heading: 'REPOSITORY', cell: repository },
      { heading: 'TAG', cell: tag },
      ...(digests ? [{ heading: 'DIGEST', cell: digest }] : []),
      { heading: 'IMAGE ID', cell: id },
      { heading: 'CREATED', cell: age },
      { heading: 'SIZE', cell: size },
      ...(history ? [{ heading: 'HISTORY', cell: names }] : []),
    ],
    fields: {
      Repository: repository,
      Tag: tag,
      Digest: digest,
      ID: id,
      Id: (row) => digestHex(row.image.id),
      Created: age,
      CreatedSince: age,
      CreatedAt: (row) => goTime(row.image.created),
      CreatedTime: (row) => goTime(row.image.created),
      Size: size,
      SharedSize: () => 0,
      VirtualSize: (row) => row.image.size,
      ParentId: ({ image }) => parentId(image),
      Names: (row) => row.image.names,
      RepoTags: (row) => repoTags(row.image),
      RepoDigests: (row) => repoDigests(row.image),
      Labels: (row) => row.image.config.config?.Labels ?? {},
      Containers: (row) => row.image.containers,
      Dangling: isDangling,
      IsDangling: isDangling,
      IsReadOnly: () => false,
      ReadOnly: () => false,
      History: names,
    },
    headings: { ID: 'IMAGE ID', Id: 'IMAGE ID' },
    json: ({ image }) => imageJson(image),
  };
}

/** Podman's object for an image. */
export function imageJson(image: ImageRow): unknown {
  return {
    Id: digestHex(image.id),
    ParentId: parentId(image),
    RepoTags: repoTags(image),
    RepoDigests: repoDigests(image),
    Size: image.size,
    SharedSize: 0,
    VirtualSize: image.size,
    Labels: image.config.config?.Labels ?? null,
    Containers: image.containers,
    ...(image.names.length === 0 ? { Dangling: true } : {}),
    Names: image.names,
    Digest: image.digest,
    History: [...image.names].reverse(),
    Created: Math.floor(Date.parse(image.created) / 1000),
    CreatedAt: image.created,
  };
}

function parentId({ parent }: ImageRow): string {
  return parent === undefined ? '' : digestHex(parent);
}

function isDangling({ image }: NameRow): boolean {
  return image.names.length === 0;
}

/** Twelve digits. */
export function shortId({ id }: Pick<ImageRow, 'id'>): string {
  return digestHex(id).slice(0, 12);
}

/** The keys of `images --sort`: the newest and else the smallest first. */
export const imageOrders: Readonly<Record<string, (a: NameRow, b: NameRow) => number>> = {
  created: (a, b) => Date.parse(b.image.created) - Date.parse(a.image.created),
  id: byText(({ image }) => image.id),
  repository: byText(repository),
  size: (a, b) => a.image.size - b.image.size,
  tag: byText(tag),
};

/**
 * The keys of `images --filter`.
 *
 * @param find finds the image that `before` and `since` name
 */
export function imageMatchers(find: (name: string) => ImageRow, nowMs: number): Matchers<ImageRow> {
  const createdMs = ({ created }: ImageRow) => Date.parse(created);
  const since = (value: string) => {
    const limitMs = createdMs(find(value));
    return (image: ImageRow) => createdMs(image) > limitMs;
  };
  const isNone = (value: string) => {
    const wanted = parseBoolean(value);
    return () => !wanted;
  };
  return {
    after: since,
    before: (value) => {
      const limitMs = createdMs(find(value));
      return (image) => createdMs(image) < limitMs;
    },
    containers: (value) => {
      const wanted = parseBoolean(value);
      return ({ containers }) => containers > 0 === wanted;
    },
    dangling: (value) => {
      const wanted = parseBoolean(value);
      return ({ names }) => (names.length === 0) === wanted;
    },
    digest:
      (value) =>
      ({ digest, indexDigest }) =>
        digest.startsWith(value) || indexDigest?.startsWith(value) === true,
    id:
      (value) =>
      ({ id }) =>
        digestHex(id).startsWith(value.replace('sha256:', '')),
    intermediate: isNone,
    ...labelMatchers(({ config }: ImageRow) => config.config?.Labels ?? {}),
    manifest: isNone,
    readonly: isNone,
    reference: (value) => {
      const matches = matchesReference(value);
      return ({ names }) => names.some(matches);
    },
    since,
    until: (value) => {
      const limitMs = parseTimestamp(value, nowMs);
      return (image) => createdMs(image) < limitMs;
    },
  };
}

/**
 * Whether a name matches a pattern, which stands for a whole name, or for its end after a slash; without a tag, for
 * every tag. `*` stops at a slash.
 *
 * @throws {UsageError} when it is none
 */
export function matchesReference(pattern: string): (name: string) => boolean {
  const wildcards: Readonly<Record<string, string>> = { '*': '[^/]*', '?': '[^/]' };
  const source = pattern.replace(/[.+^${}()|\\*?]/g, (special) => wildcards[special] ?? `\\${special}`);
  let expression: RegExp;
  try {
    expression = new RegExp(`(?:^|/)${source}$`);
  } catch (cause) {
    throw new UsageError(`"${pattern}" is not a pattern for names`, {
      cause,
      remedy: 'Write a name with * or ?: */busybox:*',
    });
  }
  return (name) => expression.test(name) || expression.test(repositoryOf(name));
}

function repository({ name }: NameRow): string {
  return name === undefined ? '<none>' : repositoryOf(name);
}

function tag({ name }: NameRow): string {
  return (name === undefined ? undefined : tagOf(name)) ?? '<none>';
}
