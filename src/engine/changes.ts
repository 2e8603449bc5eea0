/** What containers and images have changed of what they were made from: for `diff` and `commit`. */
import { existsSync } from 'node:fs';
import { NotFoundError, TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { readNative } from '../host/files.ts';
import { runtimePath } from '../host/paths.ts';
import { probeHost } from '../host/probe.ts';
import { whileThere } from '../host/still-there.ts';
import { usernsArgs } from '../host/userns.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { Change } from '../model/file-change.ts';
import { compileOwners, compileView } from '../plan/entrance.ts';
import { containerPath } from '../store/container-paths.ts';
import { findContainer } from '../store/containers.ts';
import { layerPath } from '../store/layers.ts';
import { resolveStoredImage } from './images/find-image.ts';
import { holdLayers } from './images/hold-image.ts';

/** A tree and what is below it, as the native verbs `changes` and `layer` take them. */
export interface Stack {
  /** The words that lead to where they are seen with their owners. */
  readonly entrance: readonly string[];
  /** What stands before the layers; undefined when nothing was written yet. */
  readonly tree: readonly string[] | undefined;
  /** The tree itself where it is a layer among others. */
  readonly top: string | undefined;
  /** Top first. */
  readonly layers: readonly string[];
}

/** What every container has of its own, and no image should. */
const OWN = new Set([
  '/dev',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/mtab',
  '/etc/resolv.conf',
  '/proc',
  '/run',
  '/run/.containerenv',
  '/run/notify',
  '/run/secrets',
  '/sys',
]);

/**
 * What a container, or an image's last layer, has added, changed and deleted; in the order of the paths.
 *
 * @param parent what to compare with instead of what it was made from
 * @throws {NotFoundError} when there is neither a container nor an image of that name
 */
export async function findChanges(
  name: string,
  kind: 'any' | 'container' | 'image',
  parent?: string,
): Promise<Change[]> {
  using held = new DisposableStack();
  const subject = await findSubject(name, kind, held);
  const other = parent === undefined ? undefined : await findSubject(parent, kind, held);
  const found = await whileSubject(subject, () =>
    other === undefined ? readChanges(subject) : whileSubject(other, () => compare(subject, other)),
  );
  return found.filter(({ path }) => !OWN.has(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The files of a container, and those of its image. */
export async function containerStack(config: ContainerConfig): Promise<Stack> {
  const facts = await probeHost();
  const { root, storageDriver } = config;
  const layers = 'image' in root ? root.image.layers.map(layerPath).toReversed() : [root.rootfs.path];
  if ('image' in root && storageDriver === 'vfs') {
    const copy = containerPath(config.id, 'vfs');
    const tree = existsSync(copy) ? ['whole', copy] : undefined;
    return { entrance: [...usernsArgs(facts), ...compileOwners(config, facts)], tree, top: undefined, layers };
  }
  const isOverlay = 'image' in root || root.rootfs.overlay;
  const upper = containerPath(config.id, 'upper');
  const isWritten = isOverlay && existsSync(upper);
  return {
    entrance: usernsArgs(facts),
    tree: isWritten ? ['upper', upper] : undefined,
    top: isWritten ? upper : undefined,
    layers,
  };
}

async function imageStack(layers: readonly string[]): Promise<Stack> {
  const [top, ...below] = layers.toReversed();
  const tree = top === undefined ? undefined : ['upper', top];
  return { entrance: usernsArgs(await probeHost()), tree, top, layers: below };
}

interface Subject extends Stack {
  /** Without one it is an image. */
  readonly container?: ContainerConfig;
}

/** @param held gets the layers of an image, which keep them in the store */
async function findSubject(name: string, kind: 'any' | 'container' | 'image', held: DisposableStack): Promise<Subject> {
  if (kind !== 'image') {
    try {
      const { config } = findContainer(name);
      return { ...(await containerStack(config)), container: config };
    } catch (error) {
      if (kind === 'container' || !(error instanceof NotFoundError)) throw error;
    }
  }
  try {
    const image = await resolveStoredImage(name);
    await holdLayers(image, held);
    return await imageStack(image.layers.map(layerPath));
  } catch (error) {
    if (kind === 'image' || !(error instanceof NotFoundError)) throw error;
    throw new NotFoundError(`"${name}" not found: layer not known`, {
      cause: error,
      remedy: 'tspod ps --all; tspod images',
    });
  }
}

/** @throws {GoneError} when it is a container that was removed meanwhile */
async function whileSubject<T>({ container }: Subject, body: () => Promise<T>): Promise<T> {
  if (container === undefined) return await body();
  return await whileThere(containerPath(container.id), `the container "${container.name}"`, body);
}

async function readChanges({ entrance, tree, layers }: Stack): Promise<Change[]> {
  if (tree === undefined) return [];
  return await listChanges([...entrance, 'changes', ...tree, ...layers]);
}

/** All that one shows against all that the other does. */
async function compare(stack: Stack, parent: Stack): Promise<Change[]> {
  const [own, others] = [allLayers(stack), allLayers(parent)];
  if (own.length === 0) return [];
  const target = runtimePath('compare');
  ensureDirectory(target);
  const view = compileView(target, own.toReversed());
  return await listChanges([...usernsArgs(await probeHost()), ...view, 'stay', 'changes', 'whole', target, ...others]);
}

function allLayers({ tree, top, layers }: Stack): string[] {
  if (tree !== undefined && top === undefined) {
    throw new TspodError('a container with the storage driver "vfs" can be compared with its image alone', {
      remedy: 'tspod diff CONTAINER',
    });
  }
  return top === undefined ? [...layers] : [top, ...layers];
}

/** What the native program finds: for each change its kind and its path. */
async function listChanges(args: readonly string[]): Promise<Change[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of readNative(args)) chunks.push(chunk);
  const fields = Buffer.concat(chunks).toString().split('\0');
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const kind = fields[at];
    if (kind === 'A' || kind === 'C' || kind === 'D') changes.push({ kind, path: `/${fields[at + 1] ?? ''}` });
  }
  return changes;
}
