/** Which control groups this process may use, and how a container's monitor gets into one: cgroup v2. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, TspodError } from '../errors.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { readIfPresent } from './present.ts';
import { isEnding } from './process.ts';
import { outerUid } from './id-map.ts';
import { managerCgroup } from './scopes.ts';
import { findUserBus } from './systemd.ts';

/**
 * What of cgroup v2 the user has.
 *
 * `subtree` inside a service that was given its cgroup (`Delegate=yes`), or below any other cgroup we may
 * write to; else `scope`, a transient one of the user's manager, where that answers on a bus.
 *
 * @see https://systemd.io/CGROUP_DELEGATION/
 */
export function cgroupFacts(): HostFacts['cgroup'] {
  if (!existsSync(join(HIERARCHY, 'cgroup.controllers'))) return { ...NOTHING, version: 1 };
  const own = ownSubtree();
  if (isOwnService(own)) return grant('subtree', own);
  const isSystemdWanted = process.env['TSPOD_CGROUP_MANAGER'] !== 'cgroupfs';
  if (isSystemdWanted && findUserBus() !== undefined) return grant('scope', managerCgroup(outerUid()));
  return isWritable(own) && !isShared(own) ? grant('subtree', own) : { ...NOTHING, version: 2 };
}

/**
 * Make room for monitors below our own cgroup, where no systemd makes one for each; before there is a monitor, or a
 * start beside us might take it for a process of the session.
 *
 * Processes may not stay in a cgroup whose children have controllers, so whoever is in ours moves one down:
 * cgroups(7), "no internal processes".
 *
 * @throws {TspodError} when somebody cannot be moved
 */
export async function prepareSubtree(): Promise<void> {
  const own = ownSubtree();
  if (!isOwnService(own)) await divide(own);
}

/**
 * Put a monitor there, into a cgroup named after the container. Inside our own service it stays where it is, so
 * that systemd finds its main process there, and whoever is with it moves.
 */
export function placeInSubtree(monitorPid: number, { name }: { readonly name: string }): void {
  const own = ownSubtree();
  if (isOwnService(own)) {
    moveOthers(own, MONITOR_GROUP, monitorPid);
    return;
  }
  removeAbandoned(join(HIERARCHY, own));
  enter(join(HIERARCHY, own, name), [monitorPid]);
}

/**
 * Put the helpers of a monitor that is in its scope into the group it is going to make for itself: they are outside
 * of its pid namespace, so it cannot name them, and a process left in the scope itself would keep it from handing
 * out controllers (cgroups(7), "no internal processes").
 */
export function placeHelpers(monitorPid: number, pids: readonly number[]): void {
  if (pids.length === 0) return;
  const cgroup = cgroupOf(monitorPid);
  if (basename(cgroup) === SESSION_GROUP) return; // It is on its way out: native/cgroup.c.
  enter(join(HIERARCHY, cgroup, MONITOR_GROUP), pids);
}

const HIERARCHY = '/sys/fs/cgroup';
/** For processes that end by themselves; the machine may be slow. */
const PATIENCE_MS = 10_000;
const NOTHING = { controllers: [], manager: 'none', swap: false } as const;

/** What the monitor calls its own group below a scope or a service: native/cgroup.c. */
const MONITOR_GROUP = 'monitor';

/**
 * Takes the processes, our own among them, that were in a cgroup we split: the shell that called us, say. It stays as
 * long as the cgroup above does, which cannot take them back while it has containers.
 */
const SESSION_GROUP = 'tspod-session';

function grant(manager: 'scope' | 'subtree', cgroup: string): HostFacts['cgroup'] {
  return {
    version: 2,
    controllers: readControllers(cgroup),
    manager,
    swap: existsSync(join(HIERARCHY, cgroup, 'memory.swap.max')),
  };
}

/** The cgroup that we may split: our own, or the one above when it is split already. */
function ownSubtree(): string {
  const own = cgroupOf('self');
  const isBelow = basename(own) === SESSION_GROUP || (basename(own) === MONITOR_GROUP && isOwnService(dirname(own)));
  return isBelow ? dirname(own) : own;
}

/** The cgroup of a process below the hierarchy, `/user.slice/..`: cgroups(7), /proc/PID/cgroup. */
function cgroupOf(pid: number | 'self'): string {
  return /^0::(\/.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '/';
}

/** A service whose start systemd waits for finds its main process in its own cgroup alone: systemd.service(5). */
function isOwnService(cgroup: string): boolean {
  return cgroup.endsWith('.service') && process.env['NOTIFY_SOCKET'] !== undefined && isWritable(cgroup);
}

function isWritable(cgroup: string): boolean {
  try {
    accessSync(join(HIERARCHY, cgroup), constants.W_OK);
    accessSync(join(HIERARCHY, cgroup, 'cgroup.procs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** With processes outside of our pid namespace, whose pids read as 0: it cannot be cleared, and so not split. */
function isShared(cgroup: string): boolean {
  return cgroup !== '/' && readProcesses(cgroup).includes(0);
}

function readControllers(cgroup: string): string[] {
  const text = readIfPresent(join(HIERARCHY, cgroup, 'cgroup.controllers')) ?? '';
  return text.trim().split(' ').filter(Boolean);
}

/**
 * Give the controllers of a cgroup to those below. The processes that we move start others meanwhile, and newuidmap(1)
 * of a start beside us must not be moved, nor get a controller, as long as it runs: then again.
 *
 * @throws {TspodError} when such a process stays
 */
async function divide(cgroup: string): Promise<void> {
  const controllers = readControllers(cgroup).map((name) => `+${name}`);
  for (const deadline = performance.now() + PATIENCE_MS; ;) {
    if (cgroup !== '/') moveOthers(cgroup, SESSION_GROUP); // The root needs none of it.
    try {
      writeFileSync(join(HIERARCHY, cgroup, 'cgroup.subtree_control'), controllers.join(' '));
      return;
    } catch (cause) {
      if (!hasCode(cause, 'EBUSY', 'EPERM')) throw cause;
      if (performance.now() > deadline) throw explainUndivided(cgroup, cause);
    }
    await sleep(5);
  }
}

function explainUndivided(cgroup: string, cause: unknown): TspodError {
  return new TspodError(
    `the cgroup "${cgroup}" cannot be divided between containers: a process in it has more rights than you`,
    { cause, remedy: 'Call tspod in a cgroup where there is none: systemd-run --user --scope tspod ..' },
  );
}

/** Move everybody but `except` one down, as far as we may: a process with more capabilities than ours we may not. */
function moveOthers(cgroup: string, group: string, except?: number): void {
  const pids = readProcesses(cgroup).filter((pid) => pid !== except);
  enter(join(HIERARCHY, cgroup, group), pids, ['EPERM']);
}

/** Make a cgroup and move processes there; again where a start beside us took it away as abandoned, before they were in. */
function enter(directory: string, pids: readonly number[], tolerated: readonly string[] = []): void {
  for (;;) {
    try {
      mkdirSync(directory, { recursive: true });
      for (const pid of pids) moveProcess(pid, directory, tolerated);
      return;
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENODEV')) throw error;
    }
  }
}

/** Remove what containers leave in a cgroup when their monitors are killed: an ending monitor removes its own. */
function removeAbandoned(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (/^tspod-[0-9a-f]{64}$/.test(name)) removeUnpopulated(join(directory, name));
  }
}

/**
 * In this order: below a cgroup that somebody is making there is nothing before it has a process, so nothing that
 * is made there is listed and the removal of the cgroup itself is refused.
 */
function removeUnpopulated(cgroup: string): void {
  try {
    const entries = readdirSync(cgroup, { withFileTypes: true });
    if (!readFileSync(join(cgroup, 'cgroup.events'), 'latin1').includes('populated 0')) return;
    for (const entry of entries) if (entry.isDirectory()) rmdirSync(join(cgroup, entry.name));
    rmdirSync(cgroup);
  } catch (error) {
    // It has a process by now, somebody else removes it, or it has groups of a container's users: left-cgroup.ts.
    if (!hasCode(error, 'EBUSY', 'ENOENT', 'ENODEV', 'EACCES')) throw error;
  }
}

function readProcesses(cgroup: string): number[] {
  const text = readFileSync(join(HIERARCHY, cgroup, 'cgroup.procs'), 'latin1');
  return text.split('\n').filter(Boolean).map(Number);
}

function moveProcess(pid: number, directory: string, tolerated: readonly string[]): void {
  try {
    writeFileSync(join(directory, 'cgroup.procs'), String(pid));
  } catch (error) {
    if (hasCode(error, 'ESRCH', ...tolerated)) return; // It has ended meanwhile.
    // Or it is ending, and was not moved into our scope, though systemd says so: no cgroup counts it any more.
    if (!hasCode(error, 'EACCES') || !isEnding(pid)) throw error;
  }
}
