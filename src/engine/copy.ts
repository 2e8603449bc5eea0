/** `cp`: between this machine and containers, as a tar stream from one native process to another. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TspodError } from '../errors.ts';
import { lookAt, NativeError, runPiped, runReader, runWriter } from '../host/files.ts';
import { probeHost } from '../host/probe.ts';
import { whileThere } from '../host/still-there.ts';
import { usernsArgs } from '../host/userns.ts';
import type { ContainerConfig, ContainerId } from '../model/container-config.ts';
import type { CopyPath } from '../model/copy-path.ts';
import { planCopy, planPack, planPut, type CopyEnd, type FileKind, type PackPlan, type PutPlan } from '../plan/copy.ts';
import { explainCopy } from '../plan/copy-sentences.ts';
import { containerPath } from '../store/container-paths.ts';
import { findContainer, type Container } from '../store/containers.ts';
import { withCopyRecord } from '../store/copies.ts';
import { decompress } from '../store/decompress.ts';
import { waitForStarter } from '../store/held-container.ts';
import { withContainerFiles } from './entrance.ts';

export interface CopyOptions {
  /** What comes into a container belongs to the user that it runs as. */
  readonly archive: boolean;
  /** A directory may give way to a file, and a file to a directory. */
  readonly overwrite: boolean;
}

/**
 * Copy files. A file is there when it is whole, and so is a new directory; what fails leaves nothing.
 *
 * @throws {TspodError} when an end does not exist, or the copy fails
 */
export async function copyFiles(from: CopyPath, to: CopyPath, options: CopyOptions): Promise<void> {
  const visits = [from, to].flatMap((path) =>
    path.kind === 'container' ? [{ container: findContainer(path.container), path: path.path }] : [],
  );
  for (const { container } of visits) await waitForStarter(container.config.id);
  await withEntrances(visits, new Map(), async (entrances) => {
    const source = await findEnd(from, entrances);
    const target = await findEnd(to, entrances);
    try {
      await copyBetween(source, target, options);
    } catch (error) {
      throw error instanceof NativeError ? explainCopy(error.failure, { source, target }) : error;
    }
  });
}

interface Visit {
  readonly container: Container;
  readonly path: string;
}

type Entrances = ReadonlyMap<ContainerId, readonly string[]>;

/** Each container once, also when both ends are in it, and always in the same order: those that do not run are locked. */
async function withEntrances(
  visits: readonly Visit[],
  entered: Entrances,
  body: (entrances: Entrances) => Promise<void>,
): Promise<void> {
  const waiting = visits.filter(({ container }) => !entered.has(container.config.id));
  const [next] = waiting.sort((a, b) => (a.container.config.id < b.container.config.id ? -1 : 1));
  if (next === undefined) {
    await body(entered);
    return;
  }
  const { id } = next.container.config;
  const paths = visits.flatMap(({ container, path }) => (container.config.id === id ? [path] : []));
  await withContainerFiles(next.container, { view: 'mounts', paths }, async (entrance) => {
    await withEntrances(visits, new Map([...entered, [id, entrance]]), body);
  });
}

/** One end, and how the native program comes there. */
interface Place {
  readonly end: CopyEnd;
  readonly entrance: readonly string[];
  readonly container?: ContainerConfig;
  /** Words for `put` that concern the host alone. */
  readonly put: readonly string[];
}

type End = Place | 'stream';

async function findEnd(path: CopyPath, entrances: Entrances): Promise<End> {
  if (path.kind === 'stream') return 'stream';
  if (path.kind === 'host') {
    const facts = await probeHost();
    const isSingleId = facts.subuids.length === 0 || facts.subgids.length === 0;
    const put = ['--confine', isSingleId ? '--squash-owners' : '--owner-root'];
    return { end: lookAtHost(path.path), entrance: usernsArgs(facts), put };
  }
  const { config } = findContainer(path.container);
  const entrance = entrances.get(config.id) ?? [];
  return { end: await lookInContainer(entrance, path.path, config.name), entrance, container: config, put: [] };
}

async function copyBetween(source: End, target: End, options: CopyOptions): Promise<void> {
  if (source === 'stream') {
    if (target !== 'stream') await copyFromStream(target, options);
  } else if (target === 'stream') {
    await copyToStream(source, options);
  } else {
    await copyAcross(source, target, options);
  }
}

async function copyFromStream(target: Place, options: CopyOptions): Promise<void> {
  const plan = planPut(target.end);
  try {
    await recorded(target, plan, async (words, record) => {
      const put = putVerb(target, plan, options, words);
      await runReader(decompress(process.stdin), [...target.entrance, ...put], { record });
    });
  } finally {
    process.stdin.destroy(); // Or we wait for more of what nobody reads.
  }
}

async function copyToStream(source: Place, options: CopyOptions): Promise<void> {
  const owner = options.archive && source.container ? ['--owner', source.container.process.user] : [];
  const plan = planPack(source.end);
  await whileSource(source, async (words, isThere) => {
    await runWriter([...source.entrance, ...packVerb(source, plan, [...owner, ...words])], { isThere });
  });
}

async function copyAcross(source: Place, target: Place, options: CopyOptions): Promise<void> {
  const plan = planCopy(source.end, target.end);
  const whole = ['--whole', ...(plan.put.top === undefined ? [] : ['--top', plan.put.top])];
  await whileSource(source, async (asking, isThere) => {
    const pack = packVerb(source, plan.pack, ['--for-ourselves', ...asking]);
    await recorded(target, plan.put, async (words, record) => {
      const put = putVerb(target, plan.put, options, [...whole, ...words]);
      // One container that does not run is mounted once for both.
      const isSame = source.entrance === target.entrance;
      if (isSame) await runPiped(pack, put, { entrance: source.entrance, record, isThere });
      else await runPiped([...source.entrance, ...pack], [...target.entrance, ...put], { record, isThere });
    });
  });
}

/** A container may be removed meanwhile; what becomes of the files of this machine is its user's affair. */
async function whileSource(
  { container, end }: Place,
  body: (words: readonly string[], isThere?: () => boolean) => Promise<void>,
): Promise<void> {
  if (container === undefined) {
    await body([]);
    return;
  }
  const what = `cannot copy "${end.given}" on ${end.where}: the container`;
  await whileThere(containerPath(container.id), what, (isThere) => body(['--ask'], isThere));
}

/** What a copy that is killed leaves in a container is known there; on this machine nobody would look for it. */
async function recorded(
  { container }: Place,
  { directory }: PutPlan,
  body: (words: readonly string[], record?: number) => Promise<void>,
): Promise<void> {
  if (container === undefined) await body([]);
  else await withCopyRecord(container.id, directory, ({ name, fd }) => body(['--record', name], fd));
}

/** Kernel file systems are no files of a container's: podman-cp(1) leaves them out, too. */
function packVerb({ container }: Place, { path, as }: PackPlan, words: readonly string[]): string[] {
  const own = container === undefined ? [] : ['--skip-unreadable'];
  const skipped = container !== undefined && path === '/' ? ['dev', 'proc', 'sys'] : [];
  return ['pack', ...words, ...own, ...skipped.flatMap((name) => ['--skip', name]), path, as];
}

function putVerb(place: Place, { directory }: PutPlan, options: CopyOptions, words: readonly string[] = []): string[] {
  const { container, put } = place;
  const owner = options.archive && container !== undefined ? ['--owner', container.process.user] : [];
  const overwrite = options.overwrite ? ['--overwrite'] : [];
  return ['put', ...words, ...put, ...owner, ...overwrite, directory];
}

/** A symlink at the end of the path leads to what is copied, and is replaced by a copy. */
function lookAtHost(given: string): CopyEnd {
  const path = resolve(given);
  const parent = resolve(path, '..');
  return { given, where: 'the host', kind: kindOnHost(path), path, parent: { kind: kindOnHost(parent), path: parent } };
}

function kindOnHost(path: string): FileKind {
  try {
    const found = statSync(path);
    return found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other';
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return 'missing';
    throw new TspodError(`"${path}" cannot be looked at: ${message}`, { cause: error, remedy: `ls -ld ${path}` });
  }
}

async function lookInContainer(entrance: readonly string[], given: string, name: string): Promise<CopyEnd> {
  const where = `container ${name}`;
  try {
    const [found, parent] = await lookAt(entrance, join('/', given, '.').replace(/(?<=.)\/$/, ''));
    return {
      given,
      where,
      kind: kindOf(found?.kind),
      path: found?.path ?? '',
      parent: { kind: kindOf(parent?.kind), path: parent?.path ?? '' },
    };
  } catch (error) {
    const end = { end: { given, where, kind: 'missing', path: given, parent: { kind: 'missing', path: '' } } } as const;
    throw error instanceof NativeError ? explainCopy(error.failure, { source: end, target: end }) : error;
  }
}

function kindOf(word: string | undefined): FileKind {
  return word === 'directory' || word === 'file' || word === 'missing' ? word : 'other';
}
