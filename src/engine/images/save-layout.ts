/**
 * An image with its manifest: as an OCI image layout, or as the directory that Skopeo calls `dir`.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 * @see containers-transports(5)
 */
import { createReadStream } from 'node:fs';
import { digestOf } from '../../host/digest.ts';
import { digestHex, type Digest } from '../../model/digest.ts';
import { MEDIA_TYPES, REF_NAME } from '../../model/oci-image.ts';
import { blobPath, readBlob } from '../../store/blobs.ts';
import type { StoredImage } from '../../store/images.ts';
import { directory, document, type ArchiveMember } from '../../store/tar-writer.ts';
import { blobName } from './archived-image.ts';
import { outgoingLayer, type LayerFile } from './compress-layer.ts';
import type { ManifestFormat } from './make-image.ts';
import type { MemberOptions, SavedImage } from './save.ts';
import { sentManifest } from './sent-manifest.ts';

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

/** The members of a `dir`. */
export async function* directoryMembers(
  { image }: SavedImage,
  { manifest: format = 'docker', ...options }: MemberOptions & { readonly manifest?: ManifestFormat | undefined },
): AsyncGenerator<ArchiveMember, void, undefined> {
  const manifest = yield* blobMembers(image, { ...options, format, nameOf: digestHex });
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
  const descriptors: LayerFile['descriptor'][] = [];
  for (const layer of image.manifest.layers) {
    const { path, descriptor } =
      compress === undefined
        ? { path: blobPath(layer.digest), descriptor: layer }
        : await outgoingLayer(layer, temporary(digestHex(layer.digest)), compress);
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
  return sentManifest(image, descriptors, format);
}
