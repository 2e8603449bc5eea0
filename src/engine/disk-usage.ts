/** `system df`: what images, containers and volumes take, and how much of it nothing uses. */
import { probeHost } from '../host/probe.ts';
import { measureTrees } from '../host/userns.ts';
import { isUp } from '../model/container-status.ts';
import { namesOfVolumes } from '../model/mount.ts';
import { listContainers } from '../store/container-list.ts';
import type { Container } from '../store/containers.ts';
import { listImages, type StoredImage } from '../store/images.ts';
import { layerSize } from '../store/layers.ts';
import { listVolumes, volumeDataPath } from '../store/volumes.ts';
import { prepareStore } from './images/built-in-image.ts';
import { measureContainers } from './details.ts';

export interface ImageUsage {
  readonly image: StoredImage;
  /** bytes of layers that other images have, too */
  readonly shared: number;
  /** How many containers were made from it. */
  readonly containers: number;
}

export interface ContainerUsage {
  readonly container: Container;
  /** bytes that it has written */
  readonly size: number;
  /** How many named or anonymous volumes it has. */
  readonly volumes: number;
}

export interface VolumeUsage {
  readonly name: string;
  /** bytes */
  readonly size: number;
  /** How many containers have it. */
  readonly links: number;
}

export interface DiskUsage {
  readonly images: readonly ImageUsage[];
  readonly containers: readonly ContainerUsage[];
  readonly volumes: readonly VolumeUsage[];
  readonly totals: readonly UsageTotal[];
}

export interface UsageTotal {
  readonly type: 'Images' | 'Containers' | 'Local Volumes';
  readonly total: number;
  /** How many are used, or run. */
  readonly active: number;
  /** bytes; a layer that several images have counts once */
  readonly size: number;
  /** bytes of what is not */
  readonly reclaimable: number;
}

/** Look at everything in the store. */
export async function measureDiskUsage(): Promise<DiskUsage> {
  await prepareStore();
  const containers = await measureAll(listContainers());
  const images = listImages().map((image): ImageUsage => ({
    image,
    shared: 0,
    containers: containers.filter(({ container }) => imageIdOf(container) === image.id).length,
  }));
  const volumes = await measureVolumes(containers);
  return {
    images: images.map((usage) => ({ ...usage, shared: sharedSize(usage, images) })),
    containers,
    volumes,
    totals: [totalOfImages(images), totalOfContainers(containers), totalOfVolumes(volumes)],
  };
}

async function measureAll(all: readonly Container[]): Promise<ContainerUsage[]> {
  const measured = await measureContainers(all);
  return measured.map(({ size, ...container }) => ({
    container,
    size: size.rwSize,
    volumes: namesOfVolumes(container.config.mounts).length,
  }));
}

async function measureVolumes(containers: readonly ContainerUsage[]): Promise<VolumeUsage[]> {
  const names = listVolumes().map(({ name }) => name);
  const bytes = await measureTrees(names.map(volumeDataPath), await probeHost());
  return names.map((name, position) => ({
    name,
    size: bytes[position] ?? 0,
    links: containers.filter(({ container }) => namesOfVolumes(container.config.mounts).includes(name)).length,
  }));
}

function imageIdOf({ config: { root } }: Container): string | undefined {
  return 'image' in root ? root.image.id : undefined;
}

function sharedSize({ image }: ImageUsage, all: readonly ImageUsage[]): number {
  const others = new Set(all.flatMap((other) => (other.image.id === image.id ? [] : other.image.layers)));
  return sumOfLayers([image], (layer) => others.has(layer));
}

function sumOfLayers(images: readonly StoredImage[], isWanted: (layer: StoredImage['layers'][number]) => boolean) {
  const layers = new Set(images.flatMap((image) => image.layers.filter(isWanted)));
  return [...layers].reduce((sum, layer) => sum + layerSize(layer), 0);
}

function totalOfImages(usages: readonly ImageUsage[]): UsageTotal {
  const active = usages.filter(({ containers }) => containers > 0).map(({ image }) => image);
  const needed = new Set(active.flatMap(({ layers }) => layers));
  const images = usages.map(({ image }) => image);
  return {
    type: 'Images',
    total: images.length,
    active: active.length,
    size: sumOfLayers(images, () => true),
    reclaimable: sumOfLayers(images, (layer) => !needed.has(layer)),
  };
}

function totalOfContainers(usages: readonly ContainerUsage[]): UsageTotal {
  const idle = usages.filter(({ container: { status } }) => !isUp(status));
  return {
    type: 'Containers',
    total: usages.length,
    active: usages.length - idle.length,
    size: sumOf(usages),
    reclaimable: sumOf(idle),
  };
}

function totalOfVolumes(usages: readonly VolumeUsage[]): UsageTotal {
  const idle = usages.filter(({ links }) => links === 0);
  return {
    type: 'Local Volumes',
    total: usages.length,
    active: usages.length - idle.length,
    size: sumOf(usages),
    reclaimable: sumOf(idle),
  };
}

function sumOf(usages: readonly { readonly size: number }[]): number {
  return usages.reduce((sum, { size }) => sum + size, 0);
}
