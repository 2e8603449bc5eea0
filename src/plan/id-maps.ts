/** User namespace maps out of the subordinate ids: user_namespaces(7), subuid(5). */
import { UsageError } from '../errors.ts';
import type { UsernsMode } from '../model/container-config.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import type { HostFacts, IdRange } from '../model/host-facts.ts';
import type { IdMaps } from './runtime-plan.ts';

/** The default size of the range of `--userns=auto`: Podman takes 1024 when the image names no larger id. */
const AUTO_SIZE = 1024;

/**
 * The maps of a container's user namespaces.
 *
 * `auto` and `mapped` are nested below the full map, which the root file system is mounted in: else
 * every file would read as nobody.
 *
 * @throws {UsageError} when the mode needs subordinate ids and the user has none, or when nobody would be root inside
 */
export function compileIdMaps(mode: UsernsMode, facts: HostFacts): IdMaps {
  const full = { uidMap: fullMap(facts.uid, facts.subuids), gidMap: fullMap(facts.gid, facts.subgids) };
  switch (mode.kind) {
    case 'host':
      return full;
    case 'nomap':
      requireRanges(facts, '--userns=nomap');
      return nested(full, { uidMap: allButFirst(full.uidMap), gidMap: allButFirst(full.gidMap) });
    case 'keep-id':
      return {
        uidMap: keepIdMap(mode.uid ?? facts.uid, full.uidMap, facts),
        gidMap: keepIdMap(mode.gid ?? facts.gid, full.gidMap, facts),
      };
    case 'auto':
      requireRanges(facts, '--userns=auto');
      return nested(full, autoMaps(mode));
    case 'mapped':
      requireRoot(mode.uidMap);
      return nested(full, mode);
  }
}

function nested(full: Pick<IdMaps, 'uidMap' | 'gidMap'>, below: Pick<IdMaps, 'uidMap' | 'gidMap'>): IdMaps {
  const init = { uidMap: splitAlong(below.uidMap, full.uidMap), gidMap: splitAlong(below.gidMap, full.gidMap) };
  return { ...full, init };
}

/** A range may go into one range of the namespace above alone: user_namespaces(7). Ids that are not there stay, for the kernel to refuse. */
function splitAlong(map: readonly IdMapping[], above: readonly IdMapping[]): IdMapping[] {
  return map.flatMap((range) => {
    const parts = above.flatMap((other) => {
      const outside = Math.max(range.outside, other.inside);
      const size = Math.min(range.outside + range.size, other.inside + other.size) - outside;
      return size > 0 ? [{ inside: range.inside + outside - range.outside, outside, size }] : [];
    });
    return parts.reduce((sum, { size }) => sum + size, 0) === range.size ? parts : [range];
  });
}

/**
 * The maps of a container in ids of the full map, in which 0 is the user, as Podman shows them.
 *
 * @returns undefined for the full map itself
 */
export function showIdMaps(mode: UsernsMode, facts: HostFacts): IdMaps['init'] {
  const sizes = [mapSize(fullMap(facts.uid, facts.subuids)), mapSize(fullMap(facts.gid, facts.subgids))] as const;
  switch (mode.kind) {
    case 'host':
      return undefined;
    case 'nomap':
      return { uidMap: ranges([0, 1, sizes[0] - 1]), gidMap: ranges([0, 1, sizes[1] - 1]) };
    case 'keep-id':
      return { uidMap: keptFirst(mode.uid ?? facts.uid, sizes[0]), gidMap: keptFirst(mode.gid ?? facts.gid, sizes[1]) };
    case 'auto':
      return autoMaps(mode);
    case 'mapped':
      return { uidMap: mode.uidMap, gidMap: mode.gidMap };
  }
}

/** The kept id is the user's, those below it are the first subordinate ones. */
function keptFirst(kept: number, size: number): IdMapping[] {
  return ranges([0, 1, kept], [kept, 0, 1], [kept + 1, kept + 1, size - kept - 1]);
}

function ranges(...all: readonly (readonly [inside: number, outside: number, size: number])[]): IdMapping[] {
  return all.filter(([, , size]) => size > 0).map(([inside, outside, size]) => ({ inside, outside, size }));
}

type AutoMode = Extract<UsernsMode, { kind: 'auto' }>;

/** The range of an `auto` container, whose ids go to what is not mapped in any case. */
function autoMaps({ start = 1, size = AUTO_SIZE, uidMap = [], gidMap = [] }: AutoMode) {
  return { uidMap: fillAround(uidMap, start, size), gidMap: fillAround(gidMap, start, size) };
}

function fillAround(forced: readonly IdMapping[], start: number, size: number): IdMapping[] {
  const map: IdMapping[] = [...forced];
  let inside = 0;
  let outside = start;
  const fill = (end: number) => {
    if (end > inside) map.push({ inside, outside, size: end - inside });
    outside += Math.max(0, end - inside);
  };
  for (const range of [...forced].sort((a, b) => a.inside - b.inside)) {
    fill(Math.min(range.inside, size));
    inside = Math.max(inside, range.inside + range.size);
  }
  fill(size);
  return map.sort((a, b) => a.inside - b.inside);
}

/**
 * The first place in the full map where an `auto` range fits beside those that are taken; 0 is the user's own.
 *
 * @throws {UsageError} when there is none
 */
export function findAutoStart(asked: AutoMode, taken: readonly UsernsMode[], facts: HostFacts): number {
  requireRanges(facts, '--userns=auto');
  const { size = AUTO_SIZE } = asked;
  const others = taken.filter((mode) => mode.kind === 'auto');
  const ranges = [...others.map(autoRange), ...[asked, ...others].flatMap(forcedRanges)].sort(
    (a, b) => a.start - b.start,
  );
  let start = 1;
  for (const range of ranges) {
    if (range.start - start >= size) break;
    start = Math.max(start, range.start + range.size);
  }
  const available = Math.min(mapSize(fullMap(facts.uid, facts.subuids)), mapSize(fullMap(facts.gid, facts.subgids)));
  if (start + size <= available) return start;
  throw new UsageError(`--userns=auto finds no ${size} subordinate ids that no other container has`, {
    remedy: 'Remove containers that have some, or ask for fewer: --userns=auto:size=256',
  });
}

function autoRange({ start = 1, size = AUTO_SIZE }: AutoMode) {
  return { start, size };
}

function forcedRanges({ uidMap = [], gidMap = [] }: AutoMode) {
  return [...uidMap, ...gidMap].map(({ outside, size }) => ({ start: outside, size }));
}

/** Root inside is the user, 1 and up are the subordinate ids in the order of their ranges. */
export function fullMap(id: number, ranges: readonly IdRange[]): IdMapping[] {
  const map: IdMapping[] = [{ inside: 0, outside: id, size: 1 }];
  let inside = 1;
  for (const { start, count } of ranges) {
    map.push({ inside, outside: start, size: count });
    inside += count;
  }
  return map;
}

/** The ids of a map from 1 on, as 0 and up of a namespace below it. */
function allButFirst(map: readonly IdMapping[]): IdMapping[] {
  return [{ inside: 0, outside: 1, size: mapSize(map) - 1 }];
}

/** How many ids a map has inside, from 0 on. */
export function mapSize(map: readonly IdMapping[]): number {
  return map.reduce((size, range) => Math.max(size, range.inside + range.size), 0);
}

/** The same host ids in another order: `kept` inside is the user, the ids below and above are subordinate. */
function keepIdMap(kept: number, full: readonly IdMapping[], facts: HostFacts): IdMapping[] {
  const [user, ...ranges] = full;
  if (user === undefined) return [];
  if (ranges.length === 0 && kept !== 0) requireRanges(facts, '--userns=keep-id'); // Nobody could be root in there.
  const available = mapSize(full) - 1;
  if (kept > available) {
    throw new UsageError(`--userns=keep-id needs ${kept} subordinate ids below "${kept}", you have ${available}`, {
      remedy: remedyForSubids(facts, kept),
    });
  }
  const map: IdMapping[] = [];
  for (const range of ranges) {
    const first = range.inside - 1; // Inside the permuted namespace the subordinate ids start at 0 ..
    const below = Math.max(0, Math.min(range.size, kept - first));
    if (below > 0) map.push({ inside: first, outside: range.outside, size: below });
    if (below < range.size)
      map.push({ inside: first + below + 1, outside: range.outside + below, size: range.size - below }); // .. and leave out the kept one.
  }
  map.push({ inside: kept, outside: user.outside, size: 1 });
  return map.sort((a, b) => a.inside - b.inside);
}

/** How newuidmap and newgidmap come to a host. */
export const INSTALL_MAPPERS = 'An administrator installs it: apt-get install uidmap, or dnf install shadow-utils';

/**
 * How a user gets subordinate ids.
 *
 * @param count so many are needed
 */
export function remedyForSubids(
  { uid, userName, freeSubid = 100_000, idsHere }: Pick<HostFacts, 'uid' | 'userName' | 'freeSubid' | 'idsHere'>,
  count = 65_536,
): string {
  const [first, last] =
    idsHere === undefined ? [freeSubid, freeSubid + count - 1] : [Math.floor(idsHere / 2), idsHere - 1];
  if (idsHere !== undefined && (uid === 0 || idsHere < 1000)) {
    return `This user namespace has ${idsHere} of them, and nothing in it gives more: who makes it gives it a range, from the subordinate ids of the user outside.`;
  }
  return `An administrator runs: usermod --add-subuids ${first}-${last} --add-subgids ${first}-${last} ${userName}`;
}

function requireRoot(uidMap: readonly IdMapping[]): void {
  if (uidMap.some(({ inside }) => inside === 0)) return;
  throw new UsageError('--uidmap maps nobody to user 0 of the container, who has to set it up', {
    remedy: 'Map that one, too: --uidmap 0:1:1000 takes subordinate ids, --uidmap 0:0:1 takes yourself',
  });
}

function requireRanges(facts: HostFacts, flag: string): void {
  if (facts.subuids.length > 0 && facts.subgids.length > 0) return;
  if (facts.uid !== 0 && (facts.helpers.newuidmap === undefined || facts.helpers.newgidmap === undefined)) {
    throw new UsageError(`${flag} needs subordinate ids, and newuidmap, which maps them, is not installed`, {
      remedy: INSTALL_MAPPERS,
    });
  }
  throw new UsageError(`${flag} needs subordinate ids, and "${facts.userName}" has none`, {
    remedy: remedyForSubids(facts),
  });
}
