/** `commit`: an image out of a container: the image that it was made from, and what the container has changed. */
import { GoneError, NotFoundError, TspodError } from '../errors.ts';
import { NativeError, readNative } from '../host/files.ts';
import { whileThere } from '../host/still-there.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { withoutSettings, type ImageChange, type ImageSettings } from '../model/image-change.ts';
import { localImageName } from '../model/image-reference.ts';
import { hasSource } from '../model/mount.ts';
import type { ImageConfig } from '../model/oci-image.ts';
import { hostPlatform } from '../model/platform.ts';
import { reasonOf } from '../plan/errno.ts';
import { containerPath } from '../store/container-paths.ts';
import { readContainer, type Container } from '../store/containers.ts';
import { recordContainerEvent } from '../store/events.ts';
import { findImage, type StoredImage } from '../store/images.ts';
import { commitLayers } from '../store/layers.ts';
import { stageNewLayer, type NewLayer } from '../store/new-layer.ts';
import { sweepStaging } from '../store/staging.ts';
import { containerStack } from './changes.ts';
import { asItIs, withContainerFiles } from './entrance.ts';
import { holdImage } from './images/hold-image.ts';
import { layersOfImage, makeImage, toImageLayer } from './images/make-image.ts';
import { holdContainer } from './pause.ts';

export interface CommitOptions {
  /** A name for the image; without a tag, `latest`. */
  readonly name?: string | undefined;
  readonly author?: string | undefined;
  readonly changes: readonly ImageChange[];
  readonly message?: string | undefined;
  readonly format: 'oci' | 'docker';
  /** The volumes that the user has mounted become the image's. */
  readonly includeVolumes: boolean;
  /** Freeze the container meanwhile. */
  readonly pause: boolean;
  /** One layer with everything, and nothing of the image below. */
  readonly squash: boolean;
}

export interface CommittedImage {
  readonly id: string;
  /** Instructions of `ONBUILD` that the form of the image has no place for. */
  readonly ignored: readonly string[];
}

/**
 * Make an image of a container. It is there when all of it is.
 *
 * @throws {TspodError} when the container was removed meanwhile, its image is gone, or the disk is full
 */
export async function commitContainer(container: Container, options: CommitOptions): Promise<CommittedImage> {
  const { config } = container;
  const name = options.name === undefined ? undefined : localImageName(options.name);
  const base = findBase(config);
  await sweepStaging();
  using held = new DisposableStack();
  const isWhole = options.squash || base === undefined;
  if (!isWhole) await holdImage(base, held);
  await using layer = await stage(container, options, isWhole);
  await commitLayers([layer]);
  const described = describe(config, base, { ...options, squash: isWhole });
  const ignored = options.format === 'oci' ? (described.config.OnBuild ?? []) : [];
  const { id } = await makeImage({
    config: ignored.length === 0 ? described : { ...described, config: withoutSettings(described.config, 'OnBuild') },
    layers: [...(isWhole ? [] : layersOfImage(base)), toImageLayer(layer)],
    format: options.format,
    ...(name === undefined ? {} : { name }),
  });
  await recordContainerEvent(config, 'commit');
  return { id, ignored };
}

function findBase({ name, root }: ContainerConfig): StoredImage | undefined {
  if (!('image' in root)) return undefined;
  const image = findImage(root.image.id);
  if (image !== undefined) return image;
  throw new NotFoundError(`the image "${root.image.name}" that the container "${name}" was made from is gone`, {
    remedy: `tspod export ${name} | tspod import -`,
  });
}

/** One that runs holds up nobody meanwhile, not even who removes it. */
async function stage(container: Container, { pause }: CommitOptions, isWhole: boolean): Promise<NewLayer> {
  const { id, name } = container.config;
  return await whileThere(containerPath(id), `cannot commit the container "${name}": it`, async (isThere) => {
    await using held = new AsyncDisposableStack();
    if (pause && readContainer(id)?.status === 'running') held.use(await holdContainer(container));
    const stageTar = async (tar: AsyncIterable<Buffer>) => stageNewLayer(wholeTar(tar, isThere));
    const stageChanges = async ({ config }: Container) => stageTar(await readChanges(config));
    try {
      if (!isWhole) return await asItIs(id, { up: stageChanges, down: stageChanges });
      return await withContainerFiles(container, { view: 'root' }, async (entrance) =>
        stageTar(readNative([...entrance, 'pack', '--skip-unreadable', '/', ''])),
      );
    } catch (error) {
      throw explain(error, name);
    }
  });
}

/** It ends with an error when the container is gone by then. */
async function* wholeTar(tar: AsyncIterable<Buffer>, isThere: () => boolean): AsyncGenerator<Buffer, void, undefined> {
  yield* tar;
  if (!isThere()) throw new GoneError('what is in it');
}

async function readChanges(config: ContainerConfig): Promise<AsyncIterable<Buffer>> {
  const { entrance, tree, layers } = await containerStack(config);
  return tree === undefined ? noChange() : readNative([...entrance, 'layer', ...tree, ...layers]);
}

/** The tar archive without an entry. */
async function* noChange(): AsyncGenerator<Buffer, void, undefined> {
  yield await Promise.resolve(Buffer.alloc(1024));
}

function describe(
  config: ContainerConfig,
  base: StoredImage | undefined,
  { author, changes, message, includeVolumes, squash }: CommitOptions,
): Omit<ImageConfig, 'rootfs'> & { readonly config: ImageSettings } {
  const created = new Date().toISOString();
  const { os, architecture } = hostPlatform(process.arch);
  const settings = settingsOf(config, base?.config.config, includeVolumes);
  const comment = message ?? ('image' in config.root ? `FROM ${config.root.image.name}` : undefined);
  return {
    ...(base?.config ?? { os, architecture }),
    created,
    ...(author === undefined ? {} : { author }),
    config: changes.reduce((changed, change) => change(changed), settings),
    history: [
      ...(squash ? [] : (base?.config.history ?? [])),
      {
        created,
        created_by: '/bin/sh',
        ...(author === undefined ? {} : { author }),
        ...(comment === undefined ? {} : { comment }),
      },
    ],
  };
}

/** What the container runs, on top of what its image says. */
function settingsOf(
  { process: { env, entrypoint, command, workdir, user }, hostname, labels, mounts }: ContainerConfig,
  base: ImageSettings = {},
  includeVolumes: boolean,
): ImageSettings {
  const volumes = includeVolumes ? mounts.filter(hasSource).map(({ target }) => target) : [];
  return {
    ...withoutSettings(base, 'Entrypoint', 'Cmd'),
    Env: env.filter((variable) => variable !== `HOSTNAME=${hostname}`), // That is the container's own.
    ...(entrypoint.length === 0 ? {} : { Entrypoint: entrypoint }),
    ...(command.length === 0 ? {} : { Cmd: command }),
    WorkingDir: workdir,
    ...(user === '' ? {} : { User: user }),
    ...(Object.keys(labels).length === 0 ? {} : { Labels: labels }),
    ...(volumes.length === 0
      ? {}
      : { Volumes: { ...base.Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) } }),
  };
}

function explain(error: unknown, name: string): unknown {
  if (!(error instanceof NativeError)) return error;
  const { step, errno, detail } = error.failure;
  const reason = step === 'killed' ? 'it was interrupted' : reasonOf(errno);
  return new TspodError(`cannot commit the container "${name}"${detail && `, at "${detail}"`}: ${reason}`, {
    cause: error,
    remedy: 'tspod doctor',
  });
}
