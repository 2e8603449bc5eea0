/** The directories that Skopeo calls `dir`: a manifest, and blobs named by their digests' digits; containers-transports(5). */
import { TspodError } from '../../errors.ts';
import { digestOf } from '../../host/digest.ts';
import { digestHex } from '../../model/digest.ts';
import { decodeConfig, decodeManifest, pairLayers, type Descriptor } from '../../model/oci-image.ts';
import { readDocument, type Archive, type ArchiveFile } from '../../store/archive.ts';
import type { ArchivedImage } from './archived-image.ts';

/** The one image of such a directory; it has no name. */
export async function readDirectory(archive: Archive, manifestFile: ArchiveFile): Promise<ArchivedImage> {
  const bytes = await readDocument(manifestFile, 'manifest.json');
  const document = decodeManifest(bytes.toString('utf8'), archive.what);
  if (document.kind === 'index') throw new TspodError(`"${archive.what}" holds an index of images, not an image`);
  const { manifest } = document;
  const configBytes = await readDocument(fileOf(archive, manifest.config), manifest.config.digest);
  if (digestOf(configBytes) !== manifest.config.digest) {
    throw new TspodError(`"${archive.what}" is damaged: its config "${manifest.config.digest}" has other content`);
  }
  const { rootfs } = decodeConfig(configBytes.toString('utf8'), archive.what, manifest);
  const layers = pairLayers(rootfs.diff_ids, manifest).map(({ diffId, layer }) => ({
    diffId,
    digest: layer.digest,
    file: fileOf(archive, layer),
  }));
  return { names: [], manifest: bytes, config: configBytes, layers };
}

function fileOf(archive: Archive, { digest }: Descriptor): ArchiveFile {
  const file = archive.find(digestHex(digest));
  if (file === undefined) throw new TspodError(`"${archive.what}" is incomplete: it has no file for "${digest}"`);
  return file;
}
