/**
 * The archives of `docker save` and `podman save`: manifest.json names the config and the layers.
 *
 * @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
import { TspodError } from '../../errors.ts';
import { digestOf } from '../../host/digest.ts';
import { decode, list, object, optional, string } from '../../model/decode.ts';
import type { Digest } from '../../model/digest.ts';
import { formatImageReference, normalizeImageReference } from '../../model/image-reference.ts';
import { decodeConfig, MEDIA_TYPES } from '../../model/oci-image.ts';
import { readDocument, type Archive, type ArchiveFile } from '../../store/archive.ts';
import { compressionOf } from '../../store/decompress.ts';
import { hashFile, type ArchivedImage, type ArchivedLayer } from './archived-image.ts';

/** The images of a docker-archive. */
export async function readDockerArchive(archive: Archive, manifest: ArchiveFile): Promise<ArchivedImage[]> {
  const text = (await readDocument(manifest, 'manifest.json')).toString('utf8');
  const images: ArchivedImage[] = [];
  for (const entry of decode(manifestSchema, text, `manifest.json of ${archive.what}`)) {
    const configFile = fileOf(archive, entry.Config);
    const config = await readDocument(configFile, entry.Config);
    const layers = await readLayers(archive, entry.Layers, config);
    const names = (entry.RepoTags ?? []).map((name) => formatImageReference(normalizeImageReference(name)));
    images.push({ names, config, layers, manifest: makeManifest(config, layers) });
  }
  return images;
}

const manifestSchema = list(object({ Config: string, Layers: list(string), RepoTags: optional(list(string)) }));

async function readLayers(archive: Archive, paths: readonly string[], config: Buffer): Promise<ArchivedLayer[]> {
  const { diff_ids: diffIds } = decodeConfig(config.toString('utf8'), `config in ${archive.what}`).rootfs;
  if (diffIds.length !== paths.length) {
    throw new TspodError(
      `"${archive.what}" is malformed: its config has ${diffIds.length} layers and its manifest ${paths.length}`,
    );
  }
  const layers: ArchivedLayer[] = [];
  for (const [position, diffId] of diffIds.entries()) {
    const file = fileOf(archive, paths[position] ?? '');
    layers.push({ diffId, file, digest: await digestOfLayer(file, diffId) });
  }
  return layers;
}

/** Layers are plain tar archives here, and their diff id is their digest; some programs compress them. */
async function digestOfLayer(file: ArchiveFile, diffId: Digest): Promise<Digest> {
  for await (const chunk of file.stream()) {
    return compressionOf(chunk) === 'none' ? diffId : await hashFile(file);
  }
  return diffId;
}

/** There is no real manifest in the archive: one in the form that the config belongs to. */
function makeManifest(config: Buffer, layers: readonly ArchivedLayer[]): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.dockerManifest,
      config: { mediaType: MEDIA_TYPES.dockerConfig, size: config.length, digest: digestOf(config) },
      layers: layers.map(({ digest, diffId, file }) => ({
        mediaType: digest === diffId ? MEDIA_TYPES.dockerLayer : MEDIA_TYPES.dockerLayerGzip,
        size: file.size,
        digest,
      })),
    }),
  );
}

function fileOf(archive: Archive, path: string): ArchiveFile {
  const file = archive.find(path);
  if (file === undefined) throw new TspodError(`"${archive.what}" is malformed: it has no file "${path}"`);
  return file;
}
