/** Images in the store: found by name or id, added, named, and taken out. */
import { DamagedImageError, NotFoundError, TspodError, UsageError } from '../errors.ts';
import { digestOf } from '../host/digest.ts';
import type { Digest } from '../model/digest.ts';
import { repositoryOf } from '../model/image-names.ts';
import { formatImageReference, parseImageReference, qualifyReference } from '../model/image-reference.ts';
import { decodeConfig, decodeManifest, MEDIA_TYPES, type ImageConfig, type ImageManifest } from '../model/oci-image.ts';
import { noteDamage } from './damage.ts';
import { readDocuments, writeDocuments } from './image-documents.ts';
import { readIndex, updateIndex, type IndexEntry } from './image-index.ts';
import { hasLayer, layerSize } from './layers.ts';

export interface StoredImage {
  /** Digest of the config: what Podman calls the image id. */
  readonly id: Digest;
  /** Digest of the manifest. */
  readonly digest: Digest;
  /** Of the index that it was chosen from, where there was one. */
  readonly indexDigest: Digest | undefined;
  /** Full references: `repo:tag`, or `repo@digest` when it was pulled by digest. */
  readonly names: readonly string[];
  /** The one of them that it was found by; undefined when it was found by its id, or not looked for. */
  readonly foundAs?: string | undefined;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  /** Diff ids, lowest first. */
  readonly layers: readonly Digest[];
  /** RFC 3339, as the image says; Go's zero time where it does not. */
  readonly created: string;
  /** Bytes of its layers, uncompressed. */
  readonly size: number;
}

/** The documents of an image whose layers are in the store. */
export interface NewImage {
  /** A full reference; without one the image is found by its id alone. */
  readonly name?: string;
  readonly manifest: Buffer;
  readonly config: Buffer;
  /** The index that the manifest was chosen from. */
  readonly index?: Buffer;
}

/**
 * Find an image by full name, by short name (an image made here, else Docker Hub's), by name and
 * digest, by id, or by the beginning of an id.
 *
 * @throws {UsageError} when several images have ids with this beginning
 */
export function findImage(text: string): StoredImage | undefined {
  const entries = readIndex();
  if (entries === undefined || entries.length === 0) return undefined;
  const entry = findByName(entries, text);
  return entry === undefined ? findById(entries, text) : { ...loadImage(entries, entry), foundAs: entry.name };
}

/** Is there an image under this full name? Its documents are not looked at. */
export function hasImageNamed(name: string): boolean {
  return findByName(readIndex() ?? [], name) !== undefined;
}

/** The repositories whose names end in this path, on whatever registry, in the order of the index. */
export function findRepositories(path: string): string[] {
  const repositories = (readIndex() ?? []).flatMap(({ name }) => (name === undefined ? [] : [repositoryOf(name)]));
  return [...new Set(repositories)].filter((repository) => repository.endsWith(`/${path}`));
}

/** Every image, each once, in the order of the index; one whose documents cannot be read is left aside, and noted. */
export function listImages(): StoredImage[] {
  const found = tryImages();
  for (const error of found.filter((one) => one instanceof DamagedImageError)) {
    noteDamage(error, () => readIndex()?.some(({ id }) => id === error.id) === true);
  }
  return found.flatMap((one) => (one instanceof DamagedImageError ? [] : [one]));
}

/** The images whose documents cannot be read. */
export function listDamagedImages(): Digest[] {
  return tryImages().flatMap((one) => (one instanceof DamagedImageError ? [one.id as Digest] : []));
}

function tryImages(): (StoredImage | DamagedImageError)[] {
  const entries = readIndex() ?? [];
  const first = new Map(entries.toReversed().map((entry) => [entry.id, entry]));
  return entries
    .filter((entry) => first.get(entry.id) === entry)
    .map((entry) => {
      try {
        return loadImage(entries, entry);
      } catch (error) {
        if (error instanceof DamagedImageError) return error;
        throw error;
      }
    });
}

/**
 * Put an image into the index, and give it the name, which another image loses. Its layers are pinned
 * by whoever calls this.
 *
 * @throws {TspodError} when a document is malformed, or a layer is not in the store
 */
export async function addImage({ name, manifest, config, index }: NewImage): Promise<StoredImage> {
  const what = name ?? digestOf(manifest);
  const document = decodeManifest(manifest.toString('utf8'), what);
  if (document.kind === 'index') throw new TspodError(`"${what}" is an index, not an image`);
  const { rootfs } = decodeConfig(config.toString('utf8'), what, document.manifest);
  if (document.manifest.config.digest !== digestOf(config)) {
    throw new TspodError(`the config of "${what}" does not have the digest that its manifest says`);
  }
  const entry: IndexEntry = {
    id: digestOf(config),
    digest: digestOf(manifest),
    size: manifest.length,
    mediaType: document.manifest.mediaType ?? MEDIA_TYPES.ociManifest,
    name,
    unpackedSize: rootfs.diff_ids.reduce((sum, diffId) => sum + layerSize(diffId), 0),
    indexDigest: index === undefined ? undefined : digestOf(index),
  };
  let entries: readonly IndexEntry[] = [];
  await updateIndex(async (before) => {
    const gone = rootfs.diff_ids.find((diffId) => !hasLayer(diffId));
    if (gone !== undefined) throw new TspodError(`the layer "${gone}" of "${what}" is not in the store`);
    await writeDocuments([manifest, config, ...(index === undefined ? [] : [index])]);
    entries = withEntry(before, entry);
    return entries;
  });
  return loadImage(entries, entry);
}

/** Give an image one more name, which another image loses. */
export async function tagImage({ id, digest }: StoredImage, name: string): Promise<void> {
  await updateIndex((before) => {
    const own = before.find((entry) => entry.digest === digest);
    if (own === undefined) throw new NotFoundError(`the image "${id}" was removed meanwhile`);
    return withEntry(before, { ...own, name });
  });
}

/** Take names from an image, which stays; without names it is found by its id. */
export async function untagImage({ id }: StoredImage, names: readonly string[]): Promise<void> {
  await updateIndex((before) => {
    const own = before.find((entry) => entry.id === id);
    const rest = before.filter((entry) => entry.id !== id || !names.includes(entry.name ?? ''));
    return own === undefined || rest.some((entry) => entry.id === id) ? rest : [...rest, { ...own, name: undefined }];
  });
}

/**
 * Take an image out of the index; collectGarbage() deletes its content.
 *
 * @param image.names all that it is known by; missing: whatever its names are
 * @returns false when it has got another name meanwhile: then it stays as it is
 */
export async function dropImage({ id, names }: DroppedImage): Promise<boolean> {
  let isKnown = false;
  await updateIndex((before) => {
    isKnown = before.every(
      (entry) => entry.id !== id || entry.name === undefined || names === undefined || names.includes(entry.name),
    );
    return isKnown ? before.filter((entry) => entry.id !== id) : before;
  });
  return isKnown;
}

type DroppedImage = Pick<StoredImage, 'id'> & Partial<Pick<StoredImage, 'names'>>;

function findByName(entries: readonly IndexEntry[], text: string): IndexEntry | undefined {
  for (const { name, repository, digest } of namesFor(text)) {
    const found = entries.find((entry) =>
      digest === undefined
        ? entry.name === name
        : entry.name !== undefined &&
          (entry.digest === digest || entry.indexDigest === digest) &&
          repositoryOf(entry.name) === repository,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Candidate {
  readonly name: string;
  readonly repository: string;
  readonly digest: string | undefined;
}

/** Podman looks for images made here before those of Docker Hub. */
function namesFor(text: string): Candidate[] {
  try {
    const reference = parseImageReference(text);
    const prefixes = reference.domain === undefined ? ['localhost', undefined] : [undefined];
    return prefixes.map((prefix) => {
      const full = qualifyReference(reference, prefix);
      return { name: formatImageReference(full), repository: `${full.domain}/${full.path}`, digest: full.digest };
    });
  } catch (error) {
    if (error instanceof UsageError) return []; // An id is no name.
    throw error;
  }
}

function findById(entries: readonly IndexEntry[], text: string): StoredImage | undefined {
  const hex = text.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{1,64}$/.test(hex)) return undefined;
  const found = new Map<Digest, IndexEntry>();
  for (const entry of entries) {
    if (entry.id.startsWith(`sha256:${hex}`)) found.set(entry.id, found.get(entry.id) ?? entry);
  }
  if (found.size > 1) {
    throw new UsageError(`"${text}" is the beginning of ${found.size} image ids`, { remedy: 'Give more of the id.' });
  }
  const [entry] = found.values();
  return entry === undefined ? undefined : loadImage(entries, entry);
}

/** @throws {DamagedImageError} when its documents are not what they were */
function loadImage(entries: readonly IndexEntry[], entry: IndexEntry): StoredImage {
  const { manifest, config } = readDocuments(entry);
  const same = entries.filter(({ id }) => id === entry.id);
  return {
    id: entry.id,
    digest: entry.digest,
    indexDigest: entry.indexDigest,
    names: same.flatMap(({ name }) => (name === undefined ? [] : [name])),
    manifest,
    config,
    layers: config.rootfs.diff_ids,
    created: config.created ?? '0001-01-01T00:00:00Z',
    size: entry.unpackedSize,
  };
}

/** A name belongs to one image, and an image with a name needs no entry without one. */
function withEntry(entries: readonly IndexEntry[], added: IndexEntry): IndexEntry[] {
  if (added.name === undefined && entries.some(({ id }) => id === added.id)) return [...entries];
  const rest = entries.filter(
    ({ id, name }) => !(name !== undefined && name === added.name) && !(name === undefined && id === added.id),
  );
  const loser = entries.find(({ id, name }) => name !== undefined && name === added.name && id !== added.id);
  const isLost = loser !== undefined && !rest.some(({ id }) => id === loser.id);
  return [...rest, ...(isLost ? [{ ...loser, name: undefined }] : []), added];
}
