/** `--mount`: pairs in, a mount out. */
import { posix } from 'node:path/posix';
import type { UsageError } from '../errors.ts';
import { splitCommaList } from './comma-list.ts';
import type { MountRequest } from './container-request.ts';
import { checkTarget, CHOICES, isTmpfsOption, malformed, namedVolume } from './mount-words.ts';

/**
 * Parse `--mount`: `type=bind|volume|tmpfs|ramfs|devpts,source=..,target=..[,OPTION..]`.
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
  const target = find('target', 'destination', 'dst') ?? '';
  const source = find('source', 'src');
  checkTarget(target, refuse);
  const options = pairs.flatMap(([key, value]) => mountOption(type, key, value, refuse));
  if (type === 'tmpfs' || type === 'ramfs' || type === 'devpts') {
    if (source !== undefined) throw refuse(`a ${type} has no source`);
    return { type, target, options };
  }
  if (type === 'bind') {
    if (source === undefined || source === '') throw refuse('a bind mount needs a source');
    return { type, source: posix.resolve(workdir, source), target, options };
  }
  return source === undefined ? { type, target, options } : namedVolume(source, { target, options, refuse });
}

const MOUNT_TYPES = ['bind', 'volume', 'tmpfs', 'ramfs', 'devpts'] as const;
type MountType = (typeof MOUNT_TYPES)[number];

function isMountType(text: string): text is MountType {
  return (MOUNT_TYPES as readonly string[]).includes(text);
}

type Refuse = (reason: string) => UsageError;

/** One `key[=value]` of `--mount` as words of mount(8). */
function mountOption(type: MountType, key: string, value: string | undefined, refuse: Refuse): string[] {
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
    case 'rw':
      return [isTrue(value, key, refuse) ? 'rw' : 'ro'];
    case 'U':
    case 'chown':
      return isTrue(value, key, refuse) ? ['U'] : [];
    case 'bind-propagation':
      if (type !== 'bind' || !CHOICES[7]?.includes(value ?? '')) break;
      return [value ?? ''];
    case 'bind-nonrecursive':
      if (type !== 'bind') break;
      return [isTrue(value, key, refuse) ? 'bind' : 'rbind'];
    case 'relabel':
      if (type !== 'bind' || !['shared', 'private'].includes(value ?? '')) break;
      return [value === 'shared' ? 'z' : 'Z'];
    case 'tmpfs-size':
    case 'tmpfs-mode': {
      const option = `${key.slice('tmpfs-'.length)}=${value ?? ''}`;
      if (!isMemory || !isTmpfsOption(option)) break;
      return [option];
    }
    default:
      if (type === 'devpts' && DEVPTS_OPTION.test(`${key}=${value ?? ''}`)) return [`${key}=${value ?? ''}`];
      if (value === undefined && CHOICES.some((choice) => choice.includes(key))) return [key];
      if (isMemory && isTmpfsOption(value === undefined ? key : `${key}=${value}`)) {
        return [value === undefined ? key : `${key}=${value}`];
      }
  }
  throw refuse(`a ${type} mount has no option "${value === undefined ? key : `${key}=${value}`}"`);
}

/** devpts.rst */
const DEVPTS_OPTION = /^(?:(?:uid|gid|max)=\d{1,10}|mode=0?[0-7]{3})$/;

function isTrue(value: string | undefined, key: string, refuse: Refuse): boolean {
  if (value === undefined || value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw refuse(`"${key}" is true or false, not "${value}"`);
}
