/** Give files of the caller to ids of a container. */
import { TspodError } from '../errors.ts';
import { runNative } from '../host/native.ts';
import { refuseUserns, usernsArgs } from '../host/userns.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { compileIdMaps, fullMap } from '../plan/id-maps.ts';

/** A path and the ids that it is to have, as the container counts. */
export interface Owned {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  /** It is the caller's now, which may be right already. */
  readonly isOwn?: boolean;
}

export interface GiveOptions {
  readonly facts: HostFacts;
  /** For the error text: `a volume`. */
  readonly what: string;
  readonly remedy: string;
}

/**
 * As `podman unshare chown -R`: in the user's namespace, where every id that can be given has a number.
 *
 * @throws {TspodError} when an id is not mapped into the container, or chown(1) fails
 */
export async function giveToIds(
  owned: readonly Owned[],
  config: Pick<ContainerConfig, 'userns'>,
  { facts, what, remedy }: GiveOptions,
): Promise<void> {
  const maps = compileIdMaps(config.userns, facts);
  const uids = maps.init?.uidMap ?? insideFull(maps.uidMap, fullMap(facts.uid, facts.subuids));
  const gids = maps.init?.gidMap ?? insideFull(maps.gidMap, fullMap(facts.gid, facts.subgids));
  const byOwner = new Map<string, string[]>();
  for (const { path, uid, gid, isOwn } of owned) {
    const owner = `${translate(uid, uids, `${what} to the user`)}:${translate(gid, gids, `${what} to the group`)}`;
    if (isOwn && owner === '0:0') continue; // In the user's namespace that is the user.
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), path]);
  }
  for (const [owner, paths] of byOwner) {
    const { exitCode, stderr } = await runNative([
      ...usernsArgs(facts),
      ...['--', 'chown', '--recursive', '--no-dereference', owner, '--', ...paths],
    ]);
    if (exitCode === 0) continue;
    refuseUserns(stderr);
    throw new TspodError(`cannot give "${paths.join('", "')}" to the container's user: ${stderr.trim()}`, { remedy });
  }
}

/** A map whose host ids are written as those of the full map. */
function insideFull(map: readonly IdMapping[], full: readonly IdMapping[]): IdMapping[] {
  return map.flatMap((range) => {
    const home = full.find(({ outside, size }) => range.outside >= outside && range.outside < outside + size);
    return home === undefined ? [] : [{ ...range, outside: home.inside + range.outside - home.outside }];
  });
}

function translate(id: number, map: readonly IdMapping[], what: string): number {
  const range = map.find(({ inside, size }) => id >= inside && id < inside + size);
  if (range !== undefined) return range.outside + id - range.inside;
  throw new TspodError(`cannot give ${what} ${id}: the id is not mapped into the container`, {
    remedy: 'Widen your ranges in /etc/subuid and /etc/subgid, or choose a smaller id.',
  });
}
