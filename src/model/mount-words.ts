/** What `--volume`, `--mount` and `--tmpfs` have in common: targets, names, options and the error for what is none. */
import { posix } from 'node:path/posix';
import { UsageError } from '../errors.ts';
import type { MountRequest } from './container-request.ts';

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

/** @throws {UsageError} when the name is none */
export function namedVolume(
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
