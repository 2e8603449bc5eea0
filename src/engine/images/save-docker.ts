/**
 * The archive of `docker save`: configs, layers as plain tar archives, and manifest.json, which says what is whose.
 *
 * @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
import { createReadStream } from 'node:fs';
import { digestHex, type Digest } from '../../model/digest.ts';
import { pairLayers } from '../../model/oci-image.ts';
import { blobPath, readBlob } from '../../store/blobs.ts';
import { decompress } from '../../store/decompress.ts';
import { layerSize } from '../../store/layers.ts';
import { document, type ArchiveMember } from '../../store/tar-writer.ts';
import type { MemberOptions, SavedImage } from './save.ts';

/** The members of an archive with these images; layers that several have are there once. */
export function* dockerArchiveMembers(
  images: readonly SavedImage[],
  { tell }: MemberOptions,
): Generator<ArchiveMember, void, undefined> {
  const written = new Set<Digest>();
  for (const { image } of images) {
    for (const { diffId, layer: blob } of pairLayers(image.layers, image.manifest)) {
      if (written.has(diffId)) continue;
      written.add(diffId);
      const content = () => decompress(createReadStream(blobPath(blob.digest), { highWaterMark: 1 << 20 }));
      yield { path: layerName(diffId), size: layerSize(diffId), content };
      tell({ kind: 'layer-done', digest: blob.digest, present: false });
    }
    if (!written.has(image.id)) yield document(configName(image.id), readBlob(image.id));
    written.add(image.id);
    tell({ kind: 'config', digest: image.id });
  }
  const manifest = images.map(({ image, names }) => ({
    Config: configName(image.id),
    RepoTags: names,
    Layers: image.layers.map(layerName),
  }));
  yield document('manifest.json', JSON.stringify(manifest));
}

function layerName(diffId: Digest): string {
  return `${digestHex(diffId)}.tar`;
}

function configName(id: Digest): string {
  return `${digestHex(id)}.json`;
}
