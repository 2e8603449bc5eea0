/** Work in the user's mapped user namespace, where files of subordinate ids can be touched. */
import { TspodError } from '../errors.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { parseReport, reasonOfReport } from '../plan/errno.ts';
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
  refuseUserns(report);
  throw new TspodError(
    `cannot remove "${paths[0] ?? ''}"${paths.length > 1 ? ` and ${paths.length - 1} more` : ''}: ${reasonOfReport(report)}`,
    {
      remedy: 'tspod doctor',
    },
  );
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
