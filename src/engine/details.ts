/** What `ps` shows only when it is asked for, because it takes time to find out. */
import { readNamespaces, type NamespaceIds } from '../host/process.ts';
import { probeHost } from '../host/probe.ts';
import { measureTrees } from '../host/userns.ts';
import { isUp } from '../model/container-status.ts';
import { containerPath } from '../store/container-paths.ts';
import type { Container } from '../store/containers.ts';
import { layerSize } from '../store/layers.ts';

export interface ContainerSize {
  /** bytes that the container has written */
  readonly rwSize: number;
  /** the same with the image below it */
  readonly rootFsSize: number;
}

/** Measure what containers have written; a container of a directory of the host has nothing below it. */
export async function measureContainers<C extends Container>(
  containers: readonly C[],
): Promise<(C & { readonly size: ContainerSize })[]> {
  const folders = containers.map(({ config }) => (config.storageDriver === 'vfs' ? 'vfs' : 'upper'));
  const paths = containers.map(({ config }, index) => containerPath(config.id, folders[index] ?? 'upper'));
  const bytes = await measureTrees(paths, await probeHost());
  return containers.map((container, index) => {
    const { root } = container.config;
    const image = 'image' in root ? root.image.layers.reduce((sum, layer) => sum + layerSize(layer), 0) : 0;
    const measured = bytes[index] ?? 0;
    const rwSize = folders[index] === 'vfs' ? Math.max(0, measured - image) : measured;
    return { ...container, size: { rwSize, rootFsSize: image + rwSize } };
  });
}

/** The namespaces of containers that run. */
export function findNamespaces<C extends Container>(
  containers: readonly C[],
): (C & { readonly namespaces: NamespaceIds })[] {
  return containers.map((container) => {
    const { status, init } = container;
    return { ...container, namespaces: init !== undefined && isUp(status) ? readNamespaces(init.pid) : {} };
  });
}
