/** Work in the user's mapped user namespace, where files of subordinate ids can be touched. */
import { lstatSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { parseReport, reasonOf, reasonOfReport } from '../plan/errno.ts';
import { fullMap } from '../plan/id-maps.ts';
import { explainOp } from '../plan/sentences.ts';
import { runNative } from './native.ts';

/** The part of the facts that makes the full map. */
type IdFacts = Pick<HostFacts, 'uid' | 'gid' | 'subuids' | 'subgids' | 'usernsRefusal'>;

/**
 * The arguments of the native program that put a verb into the full map's namespace.
 *
 * @throws {TspodError} when the host gives no such namespace
 */
export function usernsArgs(facts: IdFacts): string[] {
  if (facts.usernsRefusal !== undefined) refuseUserns(facts.usernsRefusal);
  return ['userns', formatMap(fullMap(facts.uid, facts.subuids)), formatMap(fullMap(facts.gid, facts.subgids))];
}

/**
 * Remove directory trees, whoever owns what is in them; a path that is not there is no error.
 *
 * @throws {TspodError} when something cannot be removed
 */
export async function removeTrees(paths: readonly string[], facts: IdFacts): Promise<void> {
  const input = paths.map((path) => `${path}\0`).join('');
  let report = facts.usernsRefusal;
  if (report === undefined) {
    const { exitCode, stderr } = await runNative([...usernsArgs(facts), 'remove'], { input });
    if (exitCode === 0) return;
    report = stderr;
  }
  // Where no user namespace can be made, our own files can go all the same: those of a container that never ran.
  if ((await runNative(['remove'], { input })).exitCode === 0) return;
  const [first, ...others] = paths.filter(isThere);
  if (first === undefined) return; // Somebody else has removed the rest.
  throw explainStuck(first, others.length, report);
}

/**
 * The same, each for itself.
 *
 * @returns why, for each that is there still
 */
export async function tryRemoveTrees(
  paths: readonly string[],
  facts: IdFacts,
): Promise<ReadonlyMap<string, TspodError>> {
  const stuck = new Map<string, TspodError>();
  try {
    if (paths.length > 0) await removeTrees(paths, facts);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    const left = paths.filter(isThere);
    for (const path of left) {
      const own = left.length > 1 ? (await tryRemoveTrees([path], facts)).get(path) : error;
      if (own !== undefined) stuck.set(path, own);
    }
  }
  return stuck;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** @param report of the first that stays, or why the user namespace could not be entered */
function explainStuck(path: string, others: number, report: string): TspodError {
  const { step = '', errno = 0 } = parseReport(report) ?? {};
  const entry = explainEntry(step, errno);
  const reason = entry?.message ?? (step === 'remove' ? reasonOf(errno) : reasonOfReport(report));
  const cure = path.startsWith('/sys/fs/cgroup/')
    ? `See what runs there: cat ${path}/cgroup.procs`
    : `See whether your subordinate ids are what they were: tspod doctor; an administrator can remove it: rm -rf ${path}`;
  return new TspodError(`cannot remove "${path}"${others > 0 ? ` and ${others} more` : ''}: ${reason}`, {
    cause: entry,
    remedy: entry?.remedy ?? cure,
  });
}

/**
 * How many bytes the files of directory trees hold, whoever owns them; a path that is not there holds none.
 *
 * @throws {TspodError} when the user namespace cannot be entered
 */
export async function measureTrees(paths: readonly string[], facts: IdFacts): Promise<number[]> {
  if (paths.length === 0) return [];
  const { exitCode, stdout, stderr } = await runNative([...usernsArgs(facts), 'measure'], {
    input: paths.map((path) => `${path}\0`).join(''),
  });
  if (exitCode === 0) return stdout.trim().split('\n').map(Number);
  refuseUserns(stderr);
  throw new TspodError(`cannot measure "${paths[0] ?? ''}": ${reasonOfReport(stderr)}`, {
    remedy: 'tspod doctor',
  });
}

/**
 * What the native program reports when it could not even enter the user namespace.
 *
 * @param report `STEP ERRNO DETAIL`
 * @throws {TspodError} with the sentence of a container that could not, if that is what it reports
 */
export function refuseUserns(report: string): void {
  const { step = '', errno = 0 } = parseReport(report) ?? {};
  const error = explainEntry(step, errno);
  if (error !== undefined) throw error;
}

/** The error for a step on the way into the user namespace; undefined for one behind it. */
export function explainEntry(step: string, errno: number): TspodError | undefined {
  if (isPowerless(`${step} `)) return explainOp(['id'], errno);
  return step === 'newuidmap' || step === 'newgidmap' ? explainOp([step, step], errno) : undefined;
}

/**
 * Whether user namespaces are forbidden, or may be made but give no capabilities, as AppArmor has it on Ubuntu 24.04.
 *
 * @param report `STEP ERRNO DETAIL`
 */
export function isPowerless(report: string): boolean {
  return /^(?:unshare|setres[ug]id|setgroups|capabilities) /.test(report);
}

function formatMap(map: readonly IdMapping[]): string {
  return map.map(({ inside, outside, size }) => `${inside}:${outside}:${size}`).join(',');
}
