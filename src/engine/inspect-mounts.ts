/** The mounts of a container as `inspect` shows them: in a list, and in Podman's words for the flags. */
import { hasSource, type Mount } from '../model/mount.ts';
import { mountedFiles } from './volumes/volume-places.ts';

interface InspectedMount {
  readonly Type: Mount['type'];
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver: string;
  readonly Mode: string;
  readonly Options: readonly string[];
  readonly RW: boolean;
  readonly Propagation: string;
}

/** What `Mounts` of `inspect` says of a mount; nothing of a file system in memory. */
export function inspectMount(mount: Mount): InspectedMount[] {
  if (mount.type === 'image') {
    const { type, source, target, options } = mount;
    const RW = options.includes('rw');
    return [
      { Type: type, Source: source, Destination: target, Driver: '', Mode: '', Options: [], RW, Propagation: '' },
    ];
  }
  if (!hasSource(mount)) return [];
  return [
    {
      Type: mount.type,
      ...(mount.type === 'volume' ? { Name: mount.name } : {}),
      Source: mount.type === 'volume' ? mountedFiles(mount) : mount.source,
      Destination: mount.target,
      Driver: mount.type === 'volume' ? 'local' : '',
      Mode: mount.options.find((word) => word === 'z' || word === 'Z') ?? '',
      Options: mountOptions(mount).filter((word) => !/^(ro|rw|[zZ]|r?(private|slave|shared))$/.test(word)),
      RW: !mount.options.includes('ro'),
      Propagation: mount.options.find((word) => /^r?(private|slave|shared)$/.test(word)) ?? 'rprivate',
    },
  ];
}

/** `SOURCE:TARGET:OPTIONS`, for `Binds`. */
export function bindText(mount: Mount): string[] {
  if (!hasSource(mount)) return [];
  const source = mount.type === 'volume' ? mount.name : mount.source;
  return [[source, mount.target, mountOptions(mount).join(',')].join(':')];
}

/** Podman's words for a tmpfs, defaults included. */
export function tmpfsText(options: readonly string[]): string {
  const has = (word: string) => options.includes(word);
  return [
    ...options,
    ...(has('ro') || has('rw') ? [] : ['rw']),
    ...(has('rprivate') || has('private') ? [] : ['rprivate']),
    ...(has('suid') || has('nosuid') ? [] : ['nosuid']),
    ...(has('dev') || has('nodev') ? [] : ['nodev']),
    ...(has('notmpcopyup') || has('tmpcopyup') ? [] : ['tmpcopyup']),
  ].join(',');
}

/** What a bind mount or volume is mounted with, `rw` and the propagation included. */
function mountOptions(mount: Extract<Mount, { type: 'bind' | 'volume' }>): string[] {
  const has = (...words: string[]) => mount.options.some((option) => words.includes(option));
  return [
    has('ro') ? 'ro' : 'rw',
    ...(has('private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared') ? [] : ['rprivate']),
    ...mount.options.filter((word) => word !== 'ro' && word !== 'rw'),
    ...(mount.kept === undefined ? [] : [`upperdir=${mount.kept.upper}`, `workdir=${mount.kept.work}`]),
    ...(mount.type === 'volume' && !has('nosuid', 'suid') ? ['nosuid'] : []),
    ...(mount.type === 'volume' && !has('nodev', 'dev') ? ['nodev'] : []),
    ...(has('bind', 'rbind') ? [] : ['rbind']),
  ];
}
