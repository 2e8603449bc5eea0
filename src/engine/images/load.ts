/** Load images from archives: docker-archive, oci-archive, OCI directories, Skopeo's directories. */
import { TspodError, withRemedy } from '../../errors.ts';
import { digestOf } from '../../host/digest.ts';
import { isAddress } from '../../model/image-source.ts';
import type { TransferEvent } from '../../model/transfer-event.ts';
import { openArchive, openStreamedArchive, type Archive } from '../../store/archive.ts';
import { recordImageEvent } from '../../store/events.ts';
import { addImage, tagImage, type StoredImage } from '../../store/images.ts';
import { commitLayers } from '../../store/layers.ts';
import { sweepStaging } from '../../store/staging.ts';
import { ARCHIVE_REMEDY, type ArchivedImage } from './archived-image.ts';
import { readDirectory } from './load-directory.ts';
import { readDockerArchive } from './load-docker.ts';
import { readOciLayout } from './load-oci.ts';
import { stageLayers } from './stage-layers.ts';

/**
 * Load every image of an archive.
 *
 * @param source a file, a directory or an address; standard input without it
 * @throws {TspodError} when it is no image archive, or an image in it is damaged
 */
export async function loadImages(source?: string, tell: Tell = () => undefined): Promise<StoredImage[]> {
  await sweepStaging();
  await using archive = await withRemedy(ARCHIVE_REMEDY, async () => await openSource(source));
  const loaded: StoredImage[] = [];
  for (const image of await withRemedy(ARCHIVE_REMEDY, async () => await readImages(archive))) {
    loaded.push(await storeImage(image, { tell, event: 'loadfromarchive' }));
  }
  return loaded;
}

async function openSource(source: string | undefined): Promise<Archive> {
  if (source === undefined || !isAddress(source)) return await openArchive(source);
  const { download } = await import('./download.ts'); // Node's HTTP takes long to load.
  return await openStreamedArchive(download(source), source);
}

/** Docker writes both forms into one archive since version 25: its own names all the tags. */
async function readImages(archive: Archive): Promise<ArchivedImage[]> {
  const docker = archive.find('manifest.json');
  if (docker !== undefined && archive.find('version') !== undefined) return [await readDirectory(archive, docker)];
  if (docker !== undefined) return await readDockerArchive(archive, docker);
  const oci = archive.find('index.json');
  if (oci !== undefined) return await readOciLayout(archive, oci);
  throw new TspodError(`"${archive.what}" is not an image archive: it has neither a manifest.json nor an index.json`);
}

/** Layers unpacked at once. */
const MAX_LAYERS_AT_ONCE = 3;

type Tell = (event: TransferEvent) => void;

/** Put an image of an archive into the store, and record that as this event. */
export async function storeImage(
  { names, manifest, config, layers }: ArchivedImage,
  { tell, event }: { readonly tell: Tell; readonly event: string },
): Promise<StoredImage> {
  const sources = layers.map(({ digest, diffId, file }) => ({
    digest,
    diffId,
    size: file.size,
    stream: () => file.stream(),
  }));
  await using staged = await stageLayers(sources, { atOnce: MAX_LAYERS_AT_ONCE, stop: new AbortController(), tell });
  await commitLayers(staged.layers);
  tell({ kind: 'config', digest: digestOf(config) });
  const [name, ...others] = names;
  const image = await addImage({ manifest, config, ...(name === undefined ? {} : { name }) });
  for (const other of others) await tagImage(image, other);
  await recordImageEvent(image.id, name ?? image.id.replace('sha256:', ''), event);
  return { ...image, names };
}
