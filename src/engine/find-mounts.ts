/** Mounts that name an image, or files by a pattern: what they stand for when the container is made. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hasCode, NotFoundError } from '../errors.ts';
import type { MountRequest, ResolvedMountRequest } from '../model/container-request.ts';
import { compileGlob, isGlob } from '../model/glob.ts';
import { resolveStoredImage } from './images/find-image.ts';

/** @throws {NotFoundError} when an image is not in the store, or no file fits a pattern */
export async function findMounts(mounts: readonly MountRequest[]): Promise<ResolvedMountRequest[]> {
  const found: ResolvedMountRequest[] = [];
  for (const mount of mounts) {
    if (mount.type === 'glob') found.push(...findFiles(mount));
    else if (mount.type === 'image' && !('id' in mount)) found.push(await findImageMount(mount));
    else found.push(mount);
  }
  return found;
}

type Asked<Type extends MountRequest['type']> = Exclude<Extract<MountRequest, { type: Type }>, ResolvedMountRequest>;

async function findImageMount(mount: Asked<'image'>): Promise<ResolvedMountRequest> {
  const { id, layers } = await resolveStoredImage(mount.source);
  return { ...mount, id, layers };
}

function findFiles({ source, target, options }: Asked<'glob'>): ResolvedMountRequest[] {
  const files = listMatches(source);
  if (files.length === 0) {
    throw new NotFoundError(`no file paths matching glob "${source}"`, { remedy: 'Try the pattern in a shell: ls' });
  }
  return files.map((file) => ({
    type: 'bind',
    source: file,
    target: target === undefined ? file : join(target, basename(file)),
    options,
  }));
}

function listMatches(pattern: string): string[] {
  return pattern
    .split('/')
    .filter((part) => part !== '')
    .reduce((folders, part) => folders.flatMap((folder) => listMatchesIn(folder, part)), ['/']);
}

function listMatchesIn(folder: string, part: string): string[] {
  if (!isGlob(part)) return existsSync(join(folder, part)) ? [join(folder, part)] : [];
  const names = listNames(folder).filter((name) => compileGlob(part)?.test(name));
  return names.sort().map((name) => join(folder, name));
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOTDIR', 'EACCES')) return [];
    throw error;
  }
}
