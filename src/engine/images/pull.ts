/** Pull images: from a name to an image in the store, several layers at once. */
import { availableParallelism } from 'node:os';
import { TspodError, UsageError, withRemedy } from '../../errors.ts';
import type { PullPolicy } from '../../model/container-request.ts';
import {
  formatImageReference,
  isLocalOnly,
  parseImageReference,
  qualifyReference,
  type ImageReference,
  type QualifiedReference,
} from '../../model/image-reference.ts';
import { isForeignTransport, parseArchiveSource } from '../../model/image-source.ts';
import { decodeConfig, pairLayers, type ImageConfig } from '../../model/oci-image.ts';
import { formatPlatform, hostPlatform, type Platform } from '../../model/platform.ts';
import type { TransferEvent } from '../../model/transfer-event.ts';
import { readRegistriesConf, type RegistriesConf } from '../../registry/registries-conf.ts';
import { findRemoteImage, firstOf, type RemoteImage } from '../../registry/resolve.ts';
import { recordAlias, settleShortName, type ChooseName } from '../../registry/short-names.ts';
import { recordImageEvent } from '../../store/events.ts';
import { addImage, findImage, type StoredImage } from '../../store/images.ts';
import { commitLayers, DAMAGED_SOURCE_REMEDY } from '../../store/layers.ts';
import { explainNoSpace } from '../../store/no-space.ts';
import { sweepStaging } from '../../store/staging.ts';
import { prepareStore } from './built-in-image.ts';
import { findNamedImage, isFor, namesToPull } from './find-image.ts';
import { missingImage } from './missing-image.ts';
import { registryOptions, type RegistryAccess } from './registry-access.ts';
import { listRemoteTags } from './remote-tags.ts';
import { stageLayers, type LayerSource } from './stage-layers.ts';

export interface PullOptions extends RegistryAccess {
  /** `missing` unless told. */
  readonly policy?: PullPolicy | undefined;
  readonly platform?: Platform | undefined;
  readonly onEvent?: ((event: TransferEvent) => void) | undefined;
  /** Asks which of several registries is meant; undefined where there is nobody to ask. */
  readonly chooseName?: ChooseName | undefined;
}

/** Downloads at once: more only help where a registry limits each connection. */
const MAX_LAYERS_AT_ONCE = Math.max(3, Math.min(6, availableParallelism()));

/**
 * Get an image as the policy says: from the store, or from its registry.
 *
 * @throws {NotFoundError} when it is nowhere
 * @throws {TspodError} when a registry cannot be used, or what it sends is not what it promised
 */
export async function pullImage(name: string, options: PullOptions = {}): Promise<StoredImage> {
  const archive = parseArchiveSource(name);
  if (archive !== undefined) {
    const { pullFromArchive } = await import('./pull-archive.ts');
    return await pullFromArchive(archive, options.onEvent ?? (() => undefined));
  }
  const reference = parseSource(name);
  const conf = await readRegistriesConf();
  const policy = options.policy ?? 'missing';
  const stored = policy === 'always' ? undefined : findNamedImage(reference, conf, options.platform);
  if (stored !== undefined && policy !== 'newer') return stored;
  if (policy === 'never') {
    throw missingImage(name);
  }
  try {
    const { names, chosen } = await settleShortName(reference, namesToPull(reference, conf, options.platform), {
      mode: conf.shortNameMode,
      choose: options.chooseName,
    });
    return await firstOf(names, async (full) => {
      const image = await pullFrom(full, conf, options);
      if (chosen) await keepChoice(reference, full, options);
      return image;
    });
  } catch (error) {
    if (stored !== undefined && error instanceof TspodError) return stored; // `newer` makes do with what is here.
    throw error;
  }
}

/** Pull every tag of a repository. */
export async function pullAllTags(name: string, options: PullOptions = {}): Promise<StoredImage[]> {
  if (parseArchiveSource(name) !== undefined) {
    throw new UsageError(`"${name}" is not on a registry, and --all-tags reads nothing else`, {
      remedy: 'tspod load --help',
    });
  }
  const reference = parseSource(name);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw new UsageError(`"${name}" names one image, and --all-tags asks for all of its repository`, {
      remedy: 'Leave out the tag, or --all-tags.',
    });
  }
  const conf = await readRegistriesConf();
  const full = qualifyReference(reference);
  const tags = await listRemoteTags(full, conf, options);
  const images: StoredImage[] = [];
  for (const tag of tags) {
    parseImageReference(formatImageReference({ ...full, tag })); // The registry's text becomes a name on this machine.
    images.push(await pullFrom({ ...full, tag }, conf, options));
  }
  return images;
}

/** The image is here: that the question will be asked again is no reason to fail. */
async function keepChoice(
  reference: ImageReference,
  full: QualifiedReference,
  { onEvent }: PullOptions,
): Promise<void> {
  try {
    await recordAlias(reference, full);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    onEvent?.({ kind: 'warning', text: error.message });
  }
}

/** `docker://NAME` is a name, and a short one Docker Hub's; transports that are no registries are not read. */
function parseSource(text: string): ImageReference {
  if (text.startsWith('docker://')) {
    const reference = parseImageReference(text.slice('docker://'.length));
    return { ...qualifyReference(reference), tag: reference.tag };
  }
  if (!isForeignTransport(text)) return parseImageReference(text);
  throw new UsageError(`"${text}" is neither on a registry nor an archive, and pull reads nothing else`, {
    remedy: 'Save it there first, then: tspod pull docker-archive:FILE',
  });
}

async function pullFrom(name: QualifiedReference, conf: RegistriesConf, options: PullOptions): Promise<StoredImage> {
  return await withRemedy(DAMAGED_SOURCE_REMEDY, async () => await copyFrom(name, conf, options));
}

async function copyFrom(name: QualifiedReference, conf: RegistriesConf, options: PullOptions): Promise<StoredImage> {
  const full = formatImageReference(name);
  const tell = options.onEvent ?? (() => undefined);
  const platform = options.platform ?? hostPlatform(process.arch);
  if (isLocalOnly(name)) refuseLocal(full, platform);
  else tell({ kind: 'trying', name: full });
  const stop = new AbortController();
  await using remote = await findRemoteImage(name, conf, {
    ...registryOptions(conf, options),
    platform,
    signal: stop.signal,
  });
  const { manifest, document, index } = remote;
  await prepareStore();
  await sweepStaging();
  const configBytes = await remote.client.fetchDocument(manifest.config);
  const config = decodeConfig(configBytes.toString('utf8'), full, manifest);
  if (!isFor(config, platform)) {
    const { os, architecture } = config;
    tell({ kind: 'warning', text: `"${full}" is for ${os}/${architecture}, not for ${formatPlatform(platform)}` });
  }
  await using staged = await stageLayers(layersOf(remote, config), { atOnce: MAX_LAYERS_AT_ONCE, stop, tell });
  try {
    await commitLayers(staged.layers);
    tell({ kind: 'config', digest: manifest.config.digest });
    const image = await addImage({
      name: full,
      manifest: document.bytes,
      config: configBytes,
      ...(index === undefined ? {} : { index: index.bytes }),
    });
    tell({ kind: 'stored', id: image.id });
    await recordImageEvent(image.id, full, 'pull');
    return image;
  } catch (error) {
    throw explainNoSpace(error, `the image "${full}"`);
  }
}

/** @throws {TspodError} when it is here, but not as it was asked for */
function refuseLocal(name: string, platform: Platform): void {
  const image = findImage(name);
  if (image === undefined) return;
  if (isFor(image.config, platform)) {
    throw new TspodError(`the image "${name}" is of this machine alone, and no registry has it`, {
      remedy: 'It is here already: leave out --pull.',
    });
  }
  const { os, architecture } = image.config;
  throw new TspodError(`the image "${name}" is for ${os}/${architecture}, not for ${formatPlatform(platform)}`, {
    remedy: 'Names below localhost/ are never fetched: load it for that platform, or give another name.',
  });
}

function layersOf({ client, manifest }: RemoteImage, config: ImageConfig): LayerSource[] {
  return pairLayers(config.rootfs.diff_ids, manifest).map(({ diffId, layer }) => ({
    ...layer,
    diffId,
    stream: () => client.streamBlob(layer),
  }));
}
