/** OCI image layouts, in a directory or in an archive: index.json leads to manifests, perhaps by way of other indexes. */
import { TspodError } from '../../errors.ts';
import { digestOf } from '../../host/digest.ts';
import type { Digest } from '../../model/digest.ts';
import { localImageName } from '../../model/image-reference.ts';
import {
  decodeConfig,
  decodeManifest,
  MEDIA_TYPES,
  pairLayers,
  REF_NAME,
  selectManifest,
  type Descriptor,
  type ImageIndex,
} from '../../model/oci-image.ts';
import { hostPlatform } from '../../model/platform.ts';
import { readDocument, type Archive, type ArchiveFile } from '../../store/archive.ts';
import { blobName, type ArchivedImage } from './archived-image.ts';

/** The images of a layout: those with a name, or else the one for this platform. */
export async function readOciLayout(archive: Archive, indexFile: ArchiveFile): Promise<ArchivedImage[]> {
  const text = (await readDocument(indexFile, 'index.json')).toString('utf8');
  const document = decodeManifest(text, `index.json of ${archive.what}`, MEDIA_TYPES.ociIndex);
  if (document.kind !== 'index') throw new TspodError(`"${archive.what}" is malformed: its index.json is no index`);
  const images = new Map<Digest, ArchivedImage>();
  for (const descriptor of chooseEntries(document.index, archive.what)) {
    const image = await readImage(archive, descriptor, 0);
    const digest = digestOf(image.manifest);
    const names = [...(images.get(digest)?.names ?? []), ...nameOf(descriptor)];
    images.set(digest, { ...image, names });
  }
  return [...images.values()];
}

/** containerd's annotation is a full name; REF_NAME may be a tag alone. */
function nameOf({ annotations = {} }: Descriptor): string[] {
  const name = annotations['io.containerd.image.name'] ?? annotations[REF_NAME];
  if (name === undefined || name === '') return [];
  return [localImageName(name)];
}

function chooseEntries(index: ImageIndex, what: string): readonly Descriptor[] {
  const images = index.manifests.filter(({ platform }) => platform?.os !== 'unknown'); // buildx's attestations
  const isMultiPlatform = images.length > 1 && images.every((entry) => entry.platform && nameOf(entry).length === 0);
  return isMultiPlatform ? [selectManifest(index, hostPlatform(process.arch), what)] : images;
}

/** Nobody nests them deeper. */
const MAX_INDEXES = 3;

async function readImage(archive: Archive, descriptor: Descriptor, depth: number): Promise<ArchivedImage> {
  const bytes = await readBlobOf(archive, descriptor);
  const document = decodeManifest(bytes.toString('utf8'), archive.what, descriptor.mediaType);
  if (document.kind === 'index') {
    if (depth === MAX_INDEXES)
      throw new TspodError(`"${archive.what}" is malformed: its indexes are nested too deeply`);
    const chosen = selectManifest(document.index, hostPlatform(process.arch), archive.what);
    return await readImage(archive, chosen, depth + 1);
  }
  const { manifest } = document;
  const configBytes = await readBlobOf(archive, manifest.config);
  const config = decodeConfig(configBytes.toString('utf8'), archive.what, manifest);
  const layers = pairLayers(config.rootfs.diff_ids, manifest).map(({ diffId, layer }) => ({
    diffId,
    digest: layer.digest,
    file: fileOf(archive, layer),
  }));
  return { names: [], manifest: bytes, config: configBytes, layers };
}

/** A document of the layout, of the digest it should have. */
async function readBlobOf(archive: Archive, descriptor: Descriptor): Promise<Buffer> {
  const bytes = await readDocument(fileOf(archive, descriptor), descriptor.digest);
  if (digestOf(bytes) !== descriptor.digest) {
    throw new TspodError(`"${archive.what}" is damaged: its blob "${descriptor.digest}" has other content`);
  }
  return bytes;
}

function fileOf(archive: Archive, { digest, size }: Descriptor): ArchiveFile {
  const file = archive.find(blobName(digest));
  if (file === undefined) throw new TspodError(`"${archive.what}" is incomplete: it has no blob "${digest}"`);
  if (file.size !== size) {
    throw new TspodError(`"${archive.what}" is damaged: its blob "${digest}" has ${file.size} bytes, not ${size}`);
  }
  return file;
}
