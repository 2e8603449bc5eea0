/** `--mount`: pairs in, a mount out. */
import { posix } from 'node:path/posix';
import type { UsageError } from '../errors.ts';
import { splitCommaList } from './comma-list.ts';
import type { MountRequest } from './container-request.ts';
import { compileGlob } from './glob.ts';
import { checkTarget, CHOICES, isTmpfsOption, malformed, namedVolume, partKept } from './mount-words.ts';
import { parseVolumeOptions } from './volume-settings.ts';

/**
 * Parse `--mount`: `type=bind|volume|image|glob|tmpfs|ramfs|devpts,source=..,target=..[,OPTION..]`.
 *
 * @param workdir the directory that a relative source is in
 * @throws {UsageError} when the type or a key is unknown, or one is missing
 */
export function parseMount(text: string, workdir: string): MountRequest {
  const refuse = (reason: string) => malformed('mount', text, reason);
  const pairs = splitCommaList(text).map((part) => {
    const equals = part.indexOf('=');
    return equals < 0 ? ([part, undefined] as const) : ([part.slice(0, equals), part.slice(equals + 1)] as const);
  });
  const find = (...keys: string[]) => pairs.find(([key]) => keys.includes(key))?.[1];
  const type = find('type') ?? 'volume';
  if (!isMountType(type)) throw refuse(`there is no type "${type}"; there are ${MOUNT_TYPES.join(', ')}`);
  const source = find('source', 'src');
  const place = find('target', 'destination', 'dst');
  if (type === 'glob' && place === undefined) {
    return { type, source: globSource(source, workdir, refuse), options: optionsOf(type, pairs, refuse) };
  }
  const target = place ?? '';
  checkTarget(target, refuse);
  const options = optionsOf(type, pairs, refuse);
  if (type === 'tmpfs' || type === 'ramfs' || type === 'devpts') {
    if (source !== undefined) throw refuse(`a ${type} has no source`);
    return { type, target, options };
  }
  if (type === 'glob') return { type, source: globSource(source, workdir, refuse), target, options };
  if (type === 'image') {
    if (source === undefined || source === '') throw refuse('an image needs a source, its name');
    const subpath = find('subpath');
    if (subpath === '') throw refuse('its subpath is empty');
    return { type, source, target, options: [options.at(-1) ?? 'ro'], ...(subpath === undefined ? {} : { subpath }) };
  }
  const mounted = { target, ...partKept(options, workdir, refuse) };
  if (type === 'bind') {
    if (source === undefined || source === '') throw refuse('a bind mount needs a source');
    return { type, source: posix.resolve(workdir, source), ...mounted };
  }
  const ofVolume = pairs.flatMap(([key, value]) => (key === 'volume-opt' ? [value ?? ''] : []));
  const volume = { ...mounted, ...(ofVolume.length > 0 ? { volumeOptions: parseVolumeOptions(ofVolume) } : {}) };
  return source === undefined ? { type, ...volume } : namedVolume(source, volume, refuse);
}

/** What `type=` may be. */
export const MOUNT_TYPES = ['bind', 'volume', 'image', 'glob', 'tmpfs', 'ramfs', 'devpts'] as const;
type MountType = (typeof MOUNT_TYPES)[number];

function isMountType(text: string): text is MountType {
  return (MOUNT_TYPES as readonly string[]).includes(text);
}

function globSource(source: string | undefined, workdir: string, refuse: Refuse): string {
  if (source === undefined || source === '') throw refuse('a glob needs a source, its pattern');
  const pattern = posix.resolve(workdir, source);
  if (pattern.split('/').some((part) => compileGlob(part) === undefined)) throw refuse(`"${source}" is no pattern`);
  return pattern;
}

type Refuse = (reason: string) => UsageError;

type Pair = readonly [key: string, value: string | undefined];

function optionsOf(type: MountType, pairs: readonly Pair[], refuse: Refuse): string[] {
  return pairs.flatMap(([key, value]) => mountOption(type, key, value, refuse));
}

/** One `key[=value]` of `--mount` as words of mount(8). */
function mountOption(type: MountType, key: string, value: string | undefined, refuse: Refuse): string[] {
  const isBind = type === 'bind' || type === 'glob';
  const isMemory = type === 'tmpfs' || type === 'ramfs';
  switch (key) {
    case 'type':
    case 'source':
    case 'src':
    case 'target':
    case 'destination':
    case 'dst':
    case 'consistency':
      return [];
    case 'ro':
    case 'readonly':
      return [isTrue(value, key, refuse) ? 'ro' : 'rw'];
    case 'readwrite':
    case 'rw':
      return [isTrue(value, key, refuse) ? 'rw' : 'ro'];
    case 'U':
    case 'chown':
      if (type === 'image' || type === 'ramfs' || type === 'devpts') break;
      return isTrue(value, key, refuse) ? ['U'] : [];
    case 'upperdir':
    case 'workdir':
      if (type !== 'bind' && type !== 'volume') break;
      return [`${key}=${value ?? ''}`];
    case 'volume-opt':
      if (type !== 'volume') break;
      return [];
    case 'subpath':
      if (type !== 'image' || value === undefined) break;
      return [];
    case 'bind-propagation':
      if (!isBind || !CHOICES[7]?.includes(value ?? '')) break;
      return [value ?? ''];
    case 'bind-nonrecursive':
      if (!isBind) break;
      return [isTrue(value, key, refuse) ? 'bind' : 'rbind'];
    case 'relabel':
      if (!isBind || !['shared', 'private'].includes(value ?? '')) break;
      return [value === 'shared' ? 'z' : 'Z'];
    case 'tmpfs-size':
    case 'tmpfs-mode': {
      const option = `${key.slice('tmpfs-'.length)}=${value ?? ''}`;
      if (!isMemory || !isTmpfsOption(option)) break;
      return [option];
    }
    default:
      if (type === 'devpts' && DEVPTS_OPTION.test(`${key}=${value ?? ''}`)) return [`${key}=${value ?? ''}`];
      if (value === undefined && isWordOf(type, key)) return [key];
      if (isMemory && isTmpfsOption(value === undefined ? key : `${key}=${value}`)) {
        return [value === undefined ? key : `${key}=${value}`];
      }
  }
  throw refuse(`a mount of type ${type} has no option "${value === undefined ? key : `${key}=${value}`}"`);
}

/** What is made anew has no source, of which `z` and `nocopy` could speak. */
function isWordOf(type: MountType, word: string): boolean {
  if (type === 'image') return false;
  if (type === 'tmpfs' || type === 'ramfs' || type === 'devpts') {
    return /^(?:no)?(?:suid|dev|exec)$/.test(word) || (CHOICES[7]?.includes(word) ?? false);
  }
  return CHOICES.some((choice) => choice.includes(word));
}

/** devpts.rst */
const DEVPTS_OPTION = /^(?:(?:uid|gid|max)=\d{1,10}|mode=0?[0-7]{3})$/;

function isTrue(value: string | undefined, key: string, refuse: Refuse): boolean {
  if (value === undefined || value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw refuse(`"${key}" is true or false, not "${value}"`);
}
