/** Where what is written to overlaid mounts goes: `-v DIR:/DIR:O`, and with `upperdir=,workdir=` for good. */
import { chmodSync, existsSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { TspodError, UsageError } from '../../errors.ts';
import { withLock } from '../../host/lock.ts';
import { runNative } from '../../host/native.ts';
import { refuseUserns, removeTrees, usernsArgs } from '../../host/userns.ts';
import type { ContainerConfig } from '../../model/container-config.ts';
import { isDown } from '../../model/container-status.ts';
import type { IdMapping } from '../../model/id-mapping.ts';
import type { HostFacts } from '../../model/host-facts.ts';
import { hasSource, keptOverlays, type Mount } from '../../model/mount.ts';
import { fullMap } from '../../plan/id-maps.ts';
import { isOverlaid, overlayPaths, type OverlaidMount } from '../../plan/mounts.ts';
import { listContainers } from '../../store/container-list.ts';
import { containerPath } from '../../store/container-paths.ts';
import { checkDevice } from './volume-places.ts';

/**
 * Check the directories in which the user keeps what is written.
 *
 * @throws {TspodError} when one is not there
 * @throws {UsageError} when one is there twice
 */
export function checkKept(mounts: readonly Mount[]): void {
  const seen = new Map<string, string>();
  for (const mount of mounts) {
    if (!hasSource(mount) || mount.kept === undefined) continue;
    for (const path of [mount.kept.upper, mount.kept.work]) {
      checkDevice(`cannot keep what is written to "${mount.target}"`, path);
      const former = seen.get(identify(path) ?? '');
      if (former !== undefined) {
        throw new UsageError(`upperdir and workdir are directories of one mount alone: "${former}" and "${path}"`, {
          remedy: 'Give each mount two directories of its own: mkdir UPPER WORK',
        });
      }
      seen.set(identify(path) ?? '', path);
    }
  }
}

/**
 * Do something while no other container has, or gets, the directories in which this one keeps what is written: what two
 * overlays over one upper directory show is undefined (overlayfs.rst).
 *
 * @throws {TspodError} when one that runs has them, or they are not there
 */
export async function withKept<T>(config: ContainerConfig, body: () => Promise<T>): Promise<T> {
  checkKept(config.mounts);
  const paths = keptPaths(config.mounts).sort();
  const locked = paths.reduceRight(
    (inner, path) => () => withLock(path, inner),
    () => {
      refuseShared(config);
      return body();
    },
  );
  return await locked();
}

/** @throws {TspodError} when another container that runs keeps what is written in the same directories */
export function refuseShared({ id, mounts }: ContainerConfig): void {
  const own = new Map(keptPaths(mounts).map((path) => [identify(path), path]));
  for (const { config, status } of listContainers()) {
    if (config.id === id || isDown(status)) continue;
    const shared = keptPaths(config.mounts)
      .map(identify)
      .find((one) => one !== undefined && own.has(one));
    if (shared === undefined) continue;
    throw new TspodError(
      `what is written goes to "${own.get(shared) ?? ''}", which the container "${config.name}" has`,
      {
        remedy: `Name other directories, or stop it: tspod stop ${config.name}`,
      },
    );
  }
}

/**
 * Make the directories of a start, whose roots are like what they hide. The user's own are so when they are mounted first,
 * and then have what the container has made of them.
 *
 * @throws {TspodError} when a directory of the user's cannot be made like that
 */
export async function prepareOverlays(
  config: ContainerConfig,
  sourceOf: (mount: OverlaidMount) => string,
  facts: HostFacts,
): Promise<void> {
  checkKept(config.mounts);
  const state = containerPath(config.id);
  const former = join(state, 'overlay');
  if (existsSync(former)) await removeTrees([former], facts); // Of the last start.
  for (const [index, mount] of config.mounts.entries()) {
    if (!isOverlaid(mount)) continue;
    const { upper, work } = overlayPaths(mount, index, state);
    if (!hasSource(mount) || mount.kept === undefined) {
      for (const path of [upper, work]) mkdirSync(path, { recursive: true });
    }
    if (!existsSync(join(work, 'work'))) await makeLike(upper, sourceOf(mount), facts); // The kernel makes that.
  }
}

/** The root of an overlay has the mode and the owner of its upper directory. */
async function makeLike(upper: string, source: string, facts: HostFacts): Promise<void> {
  const [wanted, present] = [statSync(source), statSync(upper)];
  const mode = wanted.mode & 0o7777;
  if (mode !== (present.mode & 0o7777)) {
    if (present.uid === facts.uid) chmodSync(upper, mode);
    else await change(['chmod', mode.toString(8), upper], upper, facts);
  }
  if (wanted.uid === present.uid && wanted.gid === present.gid) return;
  if (isMapped(wanted, facts)) await change(['chown', `--reference=${source}`, '--', upper], upper, facts);
}

/** What belongs to somebody else cannot be given to them. */
function isMapped({ uid, gid }: Stats, facts: HostFacts): boolean {
  const has = (map: readonly IdMapping[], id: number) =>
    map.some(({ outside, size }) => id >= outside && id < outside + size);
  return has(fullMap(facts.uid, facts.subuids), uid) && has(fullMap(facts.gid, facts.subgids), gid);
}

async function change(command: readonly string[], upper: string, facts: HostFacts): Promise<void> {
  const { exitCode, stderr } = await runNative([...usernsArgs(facts), '--', ...command]);
  if (exitCode === 0) return;
  refuseUserns(stderr);
  throw new TspodError(`cannot keep what is written in "${upper}": ${stderr.trim()}`, {
    remedy: `It has to be yours: ls -ld ${upper}`,
  });
}

function keptPaths(mounts: readonly Mount[]): string[] {
  return keptOverlays(mounts).flatMap(({ upper, work }) => [upper, work]);
}

/** The same for each path that leads to a directory; undefined for none. */
function identify(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
