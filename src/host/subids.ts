/** Subordinate ids: /etc/subuid and /etc/subgid by name or number, and getsubids where NSS serves them. */
import { execFileSync } from 'node:child_process';
import type { IdRange } from '../model/host-facts.ts';
import { isWholeHost, readIdMap } from './id-map.ts';
import { readIfPresent } from './present.ts';

export interface Owner {
  readonly name: string;
  readonly uid: number;
}

/**
 * The ranges of a user, in the order of the file, as far as the user namespace we are in has them. Its root may give
 * away all others that it has; where that is the whole host, it keeps to the file, since the others are people there.
 *
 * @see man 5 subuid, man 5 nsswitch.conf (`subid`), man 7 user_namespaces
 */
export function readSubids(kind: 'uid' | 'gid', owner: Owner): IdRange[] {
  const map = readIdMap(kind);
  const here = map.map(({ inside, size }) => ({ start: inside, count: size }));
  if (owner.uid === 0 && !isWholeHost(map)) return within(here, [{ start: 1, count: Infinity }]);
  return within(
    here,
    servedByNss() ? askGetsubids(kind, owner) : parseSubids(readIfPresent(`/etc/sub${kind}`) ?? '', owner),
  );
}

/** The first id from which on /etc/subuid and /etc/subgid give nobody anything; as packaging/host-settings.mjs. */
export function findFreeSubid(): number {
  const lines = ['uid', 'gid'].flatMap((kind) => (readIfPresent(`/etc/sub${kind}`) ?? '').split('\n'));
  const ends = lines.map((line) => {
    const [start = 0, count = 0] = line.split(':').slice(1).map(Number);
    return start + count;
  });
  return Math.max(FIRST_SUBID, ...ends.filter(Number.isSafeInteger));
}

/** SUB_UID_MIN: login.defs(5) */
const FIRST_SUBID = 100_000;

/** What of the ranges is in one of the others. */
export function within(here: readonly IdRange[], ranges: readonly IdRange[]): IdRange[] {
  return ranges.flatMap((range) =>
    here.flatMap((part) => {
      const start = Math.max(part.start, range.start);
      const count = Math.min(part.start + part.count, range.start + range.count) - start;
      return count > 0 ? [{ start, count }] : [];
    }),
  );
}

/** Lines of `NAME:START:COUNT`, where NAME may be a number; others and malformed ones are skipped. */
export function parseSubids(text: string, { name, uid }: Owner): IdRange[] {
  return text.split('\n').flatMap((line) => {
    const [who, start, count] = line.trim().split(':');
    if (who !== name && who !== String(uid)) return [];
    const range = { start: Number(start), count: Number(count) };
    return Number.isSafeInteger(range.start) && Number.isSafeInteger(range.count) && range.count > 0 ? [range] : [];
  });
}

/** `subid: files` is the default; anything else is a plugin, which the files know nothing of. */
function servedByNss(): boolean {
  const line = /^subid:\s*(.*)$/m.exec(readIfPresent('/etc/nsswitch.conf') ?? '');
  return line?.[1] !== undefined && line[1].trim() !== 'files';
}

/** `0: alice 100000 65536` a line; getsubids(1). */
function askGetsubids(kind: 'uid' | 'gid', { name }: Owner): IdRange[] {
  try {
    const text = execFileSync('getsubids', [...(kind === 'gid' ? ['-g'] : []), name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split('\n').flatMap((line) => {
      const match = /^\d+:\s+\S+\s+(\d+)\s+(\d+)$/.exec(line.trim());
      return match === null ? [] : [{ start: Number(match[1]), count: Number(match[2]) }];
    });
  } catch {
    return []; // Not installed, or the user has none: both mean a single-id mapping.
  }
}
