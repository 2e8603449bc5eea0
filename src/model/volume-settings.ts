/** The options of a volume (`volume create --opt`, `--mount volume-opt=`): which are taken, and what they mean for its mounts. */
import { UsageError } from '../errors.ts';
import type { VolumeOptions } from './mount.ts';
import { CHOICES, isTmpfsOption, PROPAGATIONS } from './mount-words.ts';

export interface VolumeSettings {
  /** What its containers see: its own directory, one of the host, or a file system in memory. */
  readonly kind: 'own' | 'bind' | 'tmpfs';
  /** The directory of the host; nothing for other kinds. */
  readonly device: string;
  /** Words of mount(8) for its mounts. */
  readonly words: readonly string[];
  /** Who is to own its own directory, in the user namespace of `tspod unshare`. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Keys that may also stand for themselves: `-o uid=5` is `-o o=uid=5`. */
const WORDS_OF_O = ['uid', 'gid', 'size', 'inodes', 'noquota'];
/** mount(8): what is so anyway. */
const MEANINGLESS = ['defaults', 'noquota'];
/** The largest is the one that chown(2) takes for "leave it". */
export const MAX_ID = 4_294_967_294;

/**
 * Parse the values of `--opt`, or of `volume-opt=`.
 *
 * @throws {UsageError} when there is no such option, or only root could mount this
 */
export function parseVolumeOptions(texts: readonly string[]): VolumeOptions {
  const given = new Map<string, string>();
  const words: string[] = [];
  for (const text of texts) {
    const [key = '', ...rest] = text.split('=');
    const value = rest.join('=');
    if (key === 'o') words.push(...value.split(',').filter((word) => word !== ''));
    else if (WORDS_OF_O.includes(key)) words.push(text);
    else if (['type', 'device', 'copy', 'nocopy'].includes(key)) given.set(key, value);
    else throw refuse(text, 'there is none of that name', 'Choose out of type, device, o, copy and nocopy.');
  }
  if (given.has('copy') && given.has('nocopy')) throw refuse('nocopy', 'it excludes "copy"', 'Leave out one of them.');
  const valueOf = (name: string) => words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const [uid, gid, size] = [valueOf('uid'), valueOf('gid'), valueOf('size')];
  const kept = words.filter((word) => word !== 'noquota');
  const options: Record<string, string> = {
    ...Object.fromEntries(given),
    ...(kept.length > 0 ? { o: kept.join(',') } : {}),
    ...(uid === undefined ? {} : { UID: uid }),
    ...(gid === undefined ? {} : { GID: gid }),
    ...(size === undefined ? {} : { SIZE: size }),
    ...(words.includes('noquota') ? { NOQUOTA: 'true' } : {}),
  };
  check(options, words);
  return Object.fromEntries(Object.entries(options).sort(([one], [other]) => (one < other ? -1 : 1))); // As Go shows it.
}

/**
 * The same options with another owner: `volume create --uid`.
 *
 * @throws {UsageError} when the volume has no directory of its own
 */
export function withOwner(
  options: VolumeOptions,
  { uid, gid }: { readonly uid: number | undefined; readonly gid: number | undefined },
): VolumeOptions {
  if (uid === undefined && gid === undefined) return options;
  const kind = kindOf(options);
  if (kind !== 'own') {
    throw new UsageError('--uid and --gid are for volumes with a directory of their own', {
      remedy:
        kind === 'tmpfs' ? 'Give them to the file system: --opt o=uid=5,gid=5' : 'Give the directory: -v data:/data:U',
    });
  }
  return {
    ...options,
    ...(uid === undefined ? {} : { UID: String(uid) }),
    ...(gid === undefined ? {} : { GID: String(gid) }),
  };
}

/** What the options of a volume mean: one without any has a directory of its own. */
export function volumeSettings(options: VolumeOptions = {}): VolumeSettings {
  const kind = kindOf(options);
  const words = wordsOf(options).filter((word) => !MEANINGLESS.includes(word));
  const copying = 'nocopy' in options ? ['nocopy'] : [];
  const { UID: uid, GID: gid } = options;
  if (kind === 'own') {
    const owner =
      uid === undefined && gid === undefined ? {} : { owner: { uid: Number(uid ?? 0), gid: Number(gid ?? 0) } };
    return { kind, device: '', words: copying, ...owner };
  }
  if (kind === 'tmpfs') return { kind, device: '', words: [...words, ...copying] };
  // Recursive, as every bind mount here: what is mounted below a directory cannot be left out in a user namespace.
  const ofMount = words.filter((word) => word !== 'bind' && word !== 'rbind');
  return { kind, device: options['device'] ?? '', words: [...ofMount, ...copying] };
}

/** What a container says of its mount of a volume wins over what the volume says. */
export function mergeWords(ofVolume: readonly string[], ofMount: readonly string[]): string[] {
  const isDecided = (word: string) =>
    CHOICES.some((choice) => choice.includes(word) && ofMount.some((other) => choice.includes(other)));
  return [...ofVolume.filter((word) => !isDecided(word)), ...ofMount];
}

/** The words of a mount of a volume in memory: some of those that volumes have mean nothing there. */
export function tmpfsWords(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    if (word === 'nocopy') return ['notmpcopyup'];
    return ['z', 'Z', 'O', 'copy', 'idmap', 'bind', 'rbind'].includes(word) ? [] : [word];
  });
}

function kindOf(options: VolumeOptions): VolumeSettings['kind'] {
  const { type = '' } = options;
  if (type === 'tmpfs' || type === 'bind') return type;
  return wordsOf(options).some((word) => word === 'bind' || word === 'rbind') ? 'bind' : 'own';
}

function wordsOf({ o = '' }: VolumeOptions): string[] {
  return o.split(',').filter((word) => word !== '');
}

/** @throws {UsageError} when a volume cannot be like that */
function check(options: VolumeOptions, words: readonly string[]): void {
  const { type = '', device } = options;
  if (!['', 'none', 'bind', 'tmpfs'].includes(type)) {
    const remedy = 'Mount it as root, and give the directory to the container: -v /mnt/data:/data';
    throw refuse(`type=${type}`, 'only root mounts such a file system', remedy);
  }
  const kind = kindOf(options);
  if (kind === 'own' && (type === 'none' || device !== undefined)) {
    const what = device === undefined ? `type=${type}` : `device=${device}`;
    throw refuse(what, 'it needs a type', 'Bind a directory of the host: -o type=none -o o=bind -o device=/srv/data');
  }
  if (kind === 'bind') {
    if (device === undefined) throw refuse('o=bind', 'it needs a directory of the host', '-o device=/srv/data');
    if (!device.startsWith('/'))
      throw refuse(`device=${device}`, 'it does not begin with a slash', '-o device=$PWD/data');
  }
  for (const word of words) checkWord(word, kind);
}

/** @throws {UsageError} when a volume of this kind cannot have the word */
function checkWord(word: string, kind: VolumeSettings['kind']): void {
  const [name = '', value = ''] = word.split('=');
  if (MEANINGLESS.includes(word)) return;
  if (name === 'inodes' || (name === 'size' && kind !== 'tmpfs')) {
    throw refuse(
      `o=${word}`,
      'a limit takes project quotas, which are for root to set',
      'Make the volume a file system in memory: -o type=tmpfs -o o=size=64m,nr_inodes=1k',
    );
  }
  if (name === 'uid' || name === 'gid') {
    if (kind === 'bind') {
      throw refuse(
        `o=${word}`,
        'a directory of the host keeps its owner',
        'Give it to the user of a container: -v NAME:/data:U',
      );
    }
    if (/^\d{1,10}$/.test(value) && Number(value) <= MAX_ID) return;
    throw refuse(`o=${word}`, `"${value}" is not an id`, 'Write a number: -o o=uid=1000,gid=1000');
  }
  const known =
    kind === 'bind'
      ? [...PROPAGATIONS, 'bind', 'rbind', 'ro', 'rw', 'suid', 'nosuid', 'dev', 'nodev', 'exec', 'noexec']
      : [];
  if (known.includes(word) || (kind === 'tmpfs' && !PROPAGATIONS.includes(word) && isMountWord(word))) return;
  throw refuse(
    `o=${word}`,
    kind === 'own' ? 'nothing is mounted for it' : `a mount of type ${kind} has none of that name`,
    kind === 'own' ? 'Give it to the mount: -v NAME:/data:ro,noexec' : 'See tspod-volume-create(1)',
  );
}

/** What is for `--tmpfs` alone is no word of mount(8). */
function isMountWord(word: string): boolean {
  return isTmpfsOption(word) && !['U', 'tmpcopyup', 'notmpcopyup'].includes(word);
}

function refuse(option: string, reason: string, remedy: string): UsageError {
  return new UsageError(`a volume cannot have the option "${option}": ${reason}`, { remedy });
}
