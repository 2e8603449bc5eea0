/** `--volume`, `--mount` and `--tmpfs`: text in, mounts out. */
import { posix } from 'node:path/posix';
import { UsageError } from '../errors.ts';
import { splitCommaList } from './comma-list.ts';
import type { MountRequest } from './container-request.ts';

/** Words that exclude each other: the options of `-v` take one of each set. */
const CHOICES = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['copy', 'nocopy'],
  ['bind', 'rbind'],
  ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared', 'unbindable', 'runbindable'],
  ['U'],
  ['O'],
  ['idmap'],
];
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Parse `--volume`: `[HOST-DIR|VOLUME:]CONTAINER-DIR[:OPTIONS]`. A source with a slash or a dot first is a directory of the
 * host, anything else a named volume; without a source the volume is anonymous.
 *
 * @param workdir the directory that a relative source is in
 * @throws {UsageError} when the text has another form
 */
export function parseVolume(text: string, workdir: string): MountRequest {
  const parts = text.split(':');
  const [source, target = '', options = ''] = parts.length === 1 ? [undefined, text] : parts;
  const refuse = (reason: string) => malformed('volume', text, reason);
  if (parts.length > 3) throw refuse('it has more than three parts');
  if (source === '') throw refuse('nothing stands before the colon');
  checkTarget(target, refuse);
  const words = options === '' ? [] : options.split(',');
  checkWords(words, refuse);
  return mountOf(source, { target, options: words, workdir, refuse });
}

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

/**
 * Parse `--tmpfs`: `CONTAINER-DIR[:OPTIONS]`.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseTmpfs(text: string): MountRequest {
  const colon = text.indexOf(':');
  const target = colon < 0 ? text : text.slice(0, colon);
  const refuse = (reason: string) => malformed('tmpfs', text, reason);
  checkTarget(target, refuse);
  const options = colon < 0 ? [] : text.slice(colon + 1).split(',');
  for (const option of options) {
    if (!isTmpfsOption(option)) throw refuse(`there is no option "${option}"`);
  }
  return { type: 'tmpfs', target, options };
}

/**
 * Check `--chrootdirs`: a directory in the container.
 *
 * @throws {UsageError} when it does not begin with a slash, or is the root
 */
export function parseChrootDirectory(text: string): string {
  checkTarget(text, (reason) => malformed('directory', text, reason));
  return posix.normalize(text);
}

const MOUNT_TYPES = ['bind', 'volume', 'tmpfs', 'ramfs', 'devpts'] as const;
type MountType = (typeof MOUNT_TYPES)[number];

function isMountType(text: string): text is MountType {
  return (MOUNT_TYPES as readonly string[]).includes(text);
}

type Refuse = (reason: string) => UsageError;

function mountOf(
  source: string | undefined,
  {
    target,
    options,
    workdir,
    refuse,
  }: {
    readonly target: string;
    readonly options: readonly string[];
    readonly workdir: string;
    readonly refuse: Refuse;
  },
): MountRequest {
  if (source === undefined) return { type: 'volume', target, options };
  if (/^[/.]/.test(source)) return { type: 'bind', source: posix.resolve(workdir, source), target, options };
  return namedVolume(source, { target, options, refuse });
}

function namedVolume(
  name: string,
  {
    target,
    options,
    refuse,
  }: { readonly target: string; readonly options: readonly string[]; readonly refuse: Refuse },
): MountRequest {
  if (VOLUME_NAME.test(name)) return { type: 'volume', name, target, options };
  throw refuse(
    `"${name}" is neither a directory, which begins with "/" or ".", nor a name of letters, digits, _ . and -`,
  );
}

function checkTarget(target: string, refuse: Refuse): void {
  if (target === '') throw refuse('the place in the container is missing');
  if (!target.startsWith('/')) throw refuse(`"${target}" does not begin with a slash`);
  if (target.includes('\0')) throw refuse('it holds a NUL');
  if (posix.normalize(target) === '/') throw refuse('nothing can be mounted over "/"');
}

function checkWords(words: readonly string[], refuse: Refuse): void {
  for (const word of words) {
    if (!CHOICES.some((choice) => choice.includes(word))) throw refuse(`there is no option "${word}"`);
  }
  for (const choice of CHOICES) {
    const chosen = words.filter((word) => choice.includes(word));
    if (chosen.length > 1) throw refuse(`"${chosen.join('" and "')}" exclude each other`);
  }
}

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

/** tmpfs(5), and Podman's tmpcopyup. */
function isTmpfsOption(option: string): boolean {
  if (/^(?:ro|rw|suid|nosuid|dev|nodev|exec|noexec|(?:no)?tmpcopyup|noatime|nodiratime|relatime)$/.test(option))
    return true;
  return /^(?:size=\d+(?:[kmgKMG]|%)?|mode=0?[0-7]{3,4}|nr_inodes=\d+[kmgKMG]?|uid=\d+|gid=\d+)$/.test(option);
}

function isTrue(value: string | undefined, key: string, refuse: Refuse): boolean {
  if (value === undefined || value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw refuse(`"${key}" is true or false, not "${value}"`);
}

const EXAMPLES = {
  volume: 'Write SOURCE:TARGET[:OPTIONS]: ./site:/srv/www:ro, data:/var/lib/data',
  mount: 'Write pairs with commas: type=bind,source=/srv/www,target=/www,ro',
  directory: 'Write a path in the container: /srv/chroot',
  tmpfs: 'Write TARGET[:OPTIONS]: /tmp:size=64m,mode=1777',
};

function malformed(what: keyof typeof EXAMPLES, text: string, reason: string): UsageError {
  return new UsageError(`"${text}" is not a ${what}: ${reason}`, { remedy: EXAMPLES[what] });
}
