/** The words of mount(8) as the flags of mount(2). */
import { UsageError } from '../errors.ts';

/** linux/mount.h: what mount_attributes() of native/mounts.c knows, and what is for the ops alone. */
const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  NOATIME: 1024,
  NODIRATIME: 2048,
  BIND: 4096,
  REC: 16384,
  UNBINDABLE: 1 << 17,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
  RELATIME: 1 << 21,
  STRICTATIME: 1 << 24,
} as const;

const SET: Readonly<Record<string, number>> = {
  ro: MS.RDONLY,
  nosuid: MS.NOSUID,
  nodev: MS.NODEV,
  noexec: MS.NOEXEC,
  noatime: MS.NOATIME,
  nodiratime: MS.NODIRATIME,
  relatime: MS.RELATIME,
  strictatime: MS.STRICTATIME,
  bind: MS.BIND,
  rbind: MS.BIND | MS.REC,
};

const CLEAR: Readonly<Record<string, number>> = {
  rw: MS.RDONLY,
  suid: MS.NOSUID,
  dev: MS.NODEV,
  exec: MS.NOEXEC,
  atime: MS.NOATIME,
  diratime: MS.NODIRATIME,
};

const PROPAGATION: Readonly<Record<string, number>> = {
  private: MS.PRIVATE,
  rprivate: MS.PRIVATE | MS.REC,
  slave: MS.SLAVE,
  rslave: MS.SLAVE | MS.REC,
  shared: MS.SHARED,
  rshared: MS.SHARED | MS.REC,
  unbindable: MS.UNBINDABLE,
  runbindable: MS.UNBINDABLE | MS.REC,
};

/** What a new mount is not anyway: it is private, and has no peer to be a slave of. */
export const NEW_MOUNT_PROPAGATIONS = MS.SHARED | MS.UNBINDABLE;

export interface MountFlags {
  /** MS_ flags */
  readonly flags: number;
  /** MS_ flags of the propagation, 0 when none was given. */
  readonly propagation: number;
  /** What is left for the file system itself, `size=64m,mode=1777`. */
  readonly data: readonly string[];
}

/** Sort mount options into flags, propagation and data; later words win. */
export function parseMountFlags(options: readonly string[]): MountFlags {
  let flags = 0;
  let propagation = 0;
  const data: string[] = [];
  for (const option of options) {
    const set = SET[option];
    const clear = CLEAR[option];
    const spread = PROPAGATION[option];
    if (set !== undefined) flags |= set;
    else if (clear !== undefined) flags &= ~clear;
    else if (spread !== undefined) propagation = spread;
    else data.push(option);
  }
  return { flags, propagation, data };
}

/** @throws {UsageError} when the word is none of the propagations of mount_namespaces(7) */
export function propagationFlags(word: string): number {
  const flags = PROPAGATION[word];
  if (flags === undefined) {
    throw new UsageError(`"${word}" is not a mount propagation`, {
      remedy: `Use one of ${Object.keys(PROPAGATION).join(', ')}.`,
    });
  }
  return flags;
}
