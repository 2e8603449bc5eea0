/** What `--volume`, `--mount` and `--tmpfs` have in common: targets, names, options and the error for what is none. */
import { posix } from 'node:path/posix';
import { UsageError } from '../errors.ts';
import type { MountRequest } from './container-request.ts';
import type { KeptOverlay, VolumeOptions } from './mount.ts';

/** mount_namespaces(7) */
export const PROPAGATIONS = [
  'private',
  'rprivate',
  'slave',
  'rslave',
  'shared',
  'rshared',
  'unbindable',
  'runbindable',
];

/** Words that exclude each other: the options of `-v` take one of each set. */
export const CHOICES = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['copy', 'nocopy'],
  ['bind', 'rbind'],
  PROPAGATIONS,
  ['U'],
  ['O'],
  ['idmap'],
];
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

type Refuse = (reason: string) => UsageError;

/** Where a mount is in the container, and how. */
export interface MountPlace {
  readonly target: string;
  readonly options: readonly string[];
  readonly kept?: KeptOverlay;
}

/** @throws {UsageError} when the name is none */
export function namedVolume(
  name: string,
  place: MountPlace & { readonly volumeOptions?: VolumeOptions },
  refuse: Refuse,
): MountRequest {
  if (VOLUME_NAME.test(name)) return { type: 'volume', name, ...place };
  throw refuse(
    `"${name}" is neither a directory, which begins with "/" or ".", nor a name of letters, digits, _ . and -`,
  );
}

/** @throws {UsageError} when it is no place for a mount */
export function checkTarget(target: string, refuse: Refuse): void {
  if (target === '') throw refuse('the place in the container is missing');
  if (!target.startsWith('/')) throw refuse(`"${target}" does not begin with a slash`);
  if (target.includes('\0')) throw refuse('it holds a NUL');
  if (posix.normalize(target) === '/') throw refuse('nothing can be mounted over "/"');
}

/** tmpfs(5), and Podman's tmpcopyup and U. */
export function isTmpfsOption(option: string): boolean {
  if (PROPAGATIONS.includes(option)) return true;
  if (/^(?:ro|rw|suid|nosuid|dev|nodev|exec|noexec|(?:no)?tmpcopyup|noatime|nodiratime|relatime|U)$/.test(option))
    return true;
  return /^(?:size=\d+(?:[kmgKMG]|%)?|mode=0?[0-7]{3,4}|nr_(?:inodes|blocks)=\d+[kmgKMG]?|uid=\d+|gid=\d+)$/.test(
    option,
  );
}

/** @throws {UsageError} when two options exclude each other */
export function checkChoices(words: readonly string[], refuse: Refuse): void {
  for (const choice of CHOICES) {
    const chosen = words.filter((word) => choice.includes(word));
    if (chosen.length > 1) throw refuse(`"${chosen.join('" and "')}" exclude each other`);
  }
}

/**
 * Part the options of a mount from the user's directories for what is written to it: `O,upperdir=DIR,workdir=DIR`.
 *
 * @param workdir the directory that a relative one is in
 * @throws {UsageError} when one of the three is missing, or a directory is in the other
 */
export function partKept(
  options: readonly string[],
  workdir: string,
  refuse: Refuse,
): Pick<MountPlace, 'options' | 'kept'> {
  const isPlace = (option: string) => /^(?:upper|work)dir=/.test(option);
  const words = options.filter((option) => !isPlace(option));
  const places = options.filter(isPlace);
  if (places.length === 0) return { options: words };
  if (!words.includes('O')) throw refuse('upperdir and workdir are for the option O');
  const [upper, work] = ['upperdir=', 'workdir='].map((key) => {
    const values = places.filter((place) => place.startsWith(key)).map((place) => place.slice(key.length));
    const [value = ''] = values;
    if (values.length > 1) throw refuse(`"${values.join('" and "')}" exclude each other`);
    if (value === '') throw refuse('upperdir and workdir belong together, each with a directory');
    return posix.join(posix.resolve(workdir, value), '/');
  }) as [string, string];
  if (upper.startsWith(work) || work.startsWith(upper)) {
    throw refuse('upperdir and workdir are two directories, and neither is in the other');
  }
  return { options: words, kept: { upper: upper.slice(0, -1), work: work.slice(0, -1) } };
}

const EXAMPLES = {
  volume: 'Write SOURCE:TARGET[:OPTIONS]: ./site:/srv/www:ro, data:/var/lib/data',
  mount: 'Write pairs with commas: type=bind,source=/srv/www,target=/www,ro',
  directory: 'Write a path in the container: /srv/chroot',
  tmpfs: 'Write TARGET[:OPTIONS]: /tmp:size=64m,mode=1777',
};

/** The error for a text that is not what it should be, with an example of what is. */
export function malformed(what: keyof typeof EXAMPLES, text: string, reason: string): UsageError {
  return new UsageError(`"${text}" is not a ${what}: ${reason}`, { remedy: EXAMPLES[what] });
}
