/**
 * An image with its manifest: as an OCI image layout, or as the directory that Skopeo calls `dir`.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 * @see containers-transports(5)
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { digestHex, toDigest, type Digest } from '../../model/digest.ts';
import { MEDIA_TYPES, REF_NAME, type Descriptor } from '../../model/oci-image.ts';
import { blobPath, digestOf, readBlob } from '../../store/blobs.ts';
import type { StoredImage } from '../../store/images.ts';
import { directory, document, type ArchiveMember } from '../../store/tar-writer.ts';
import { blobName } from './archived-image.ts';
import { writeManifest, type ManifestFormat } from './make-image.ts';
import type { MemberOptions, SavedImage } from './save.ts';

/** The members of an OCI image layout. */
export async function* ociMembers(
  { image, names }: SavedImage,
  options: MemberOptions,
): AsyncGenerator<ArchiveMember, void, undefined> {
  for (const path of ['blobs/', 'blobs/sha256/']) yield directory(path);
  const manifest = yield* blobMembers(image, { ...options, format: 'oci', nameOf: blobName });
  const digest = digestOf(manifest);
  yield document(blobName(digest), manifest);
  const descriptor = { mediaType: MEDIA_TYPES.ociManifest, digest, size: manifest.length };
  const entries = names.map((name) => ({ ...descriptor, annotations: { [REF_NAME]: name } }));
  const index = { schemaVersion: 2, manifests: entries.length === 0 ? [descriptor] : entries };
  yield document('oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  yield document('index.json', JSON.stringify(index));
}

/** The members of a `dir`, with a manifest of Docker's. */
export async function* dockerDirectoryMembers(
  { image }: SavedImage,
  options: MemberOptions,
): AsyncGenerator<ArchiveMember, void, undefined> {
  const manifest = yield* blobMembers(image, { ...options, format: 'docker', nameOf: digestHex });
  yield document('manifest.json', manifest);
  yield document('version', 'Directory Transport Version: 1.1\n');
}

interface BlobOptions extends MemberOptions {
  readonly format: ManifestFormat;
  readonly nameOf: (digest: Digest) => string;
}

/** Layers and config; gives the manifest that names them. */
async function* blobMembers(
  image: StoredImage,
  { format, nameOf, compress, temporary, tell }: BlobOptions,
): AsyncGenerator<ArchiveMember, Buffer, undefined> {
  const descriptors: Descriptor[] = [];
  for (const layer of image.manifest.layers) {
    const isPlain = !/gzip$|zstd$/.test(layer.mediaType);
    const { path, descriptor } =
      compress && isPlain ? await compressed(layer, temporary) : { path: blobPath(layer.digest), descriptor: layer };
    const isWritten = descriptors.some(({ digest }) => digest === descriptor.digest);
    descriptors.push(descriptor);
    if (isWritten) continue;
    const content = () => createReadStream(path, { highWaterMark: 1 << 20 });
    yield { path: nameOf(descriptor.digest), size: descriptor.size, content };
    tell({ kind: 'layer-done', digest: descriptor.digest, present: false });
  }
  const config = readBlob(image.id);
  yield document(nameOf(image.id), config);
  tell({ kind: 'config', digest: image.id });
  const isSame = descriptors.every(({ digest }, position) => digest === image.manifest.layers[position]?.digest);
  if (isSame && isOfFormat(image, format)) return readBlob(image.digest);
  return writeManifest({ format, config, layers: descriptors, annotations: image.manifest.annotations });
}

/** Its own manifest will do, and keeps its digest. */
function isOfFormat({ manifest: { mediaType } }: StoredImage, format: ManifestFormat): boolean {
  return mediaType === (format === 'oci' ? MEDIA_TYPES.ociManifest : MEDIA_TYPES.dockerManifest);
}

async function compressed(
  layer: Descriptor,
  temporary: (name: string) => string,
): Promise<{ path: string; descriptor: Descriptor }> {
  const path = temporary(`${digestHex(layer.digest)}.gz`);
  const hash = createHash('sha256');
  let size = 0;
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  await pipeline(createReadStream(blobPath(layer.digest)), createGzip(), counted, createWriteStream(path));
  const digest = toDigest('sha256', hash.digest('hex'));
  return { path, descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size } };
}
