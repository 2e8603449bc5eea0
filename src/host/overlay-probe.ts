/** Whether the kernel overlays for this user at the store: found by a real mount and a real whiteout. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { ensureDirectory } from './directory.ts';
import { runNative, type NativeResult } from './native.ts';
import { storePath } from './paths.ts';
import { bootId, isAlive, ownIdentity } from './process.ts';
import { isPowerless, removeTrees, usernsArgs } from './userns.ts';

/**
 * Mount an overlay in a user namespace and remove a file of its lower layer, as a container would. On a full disk it
 * does not: there nothing starts, and what removes must go on.
 */
export async function probeKernelOverlay(facts: Facts): Promise<Answer> {
  try {
    return await tryOverlay(facts);
  } catch (error) {
    if (hasCode(error, 'ENOSPC', 'EDQUOT')) return { kernelOverlay: false };
    throw error;
  }
}

type Facts = Pick<HostFacts, 'uid' | 'gid' | 'subuids' | 'subgids'>;
type Answer = Pick<HostFacts, 'kernelOverlay' | 'usernsRefusal'>;

async function tryOverlay(facts: Facts): Promise<Answer> {
  const script =
    'mount -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work overlay merged && rm merged/file';
  const { exitCode, stderr } = await runInStore([script], facts);
  return { kernelOverlay: exitCode === 0, ...(isPowerless(stderr) ? { usernsRefusal: stderr } : {}) };
}

/**
 * Run a script of sh(1), with its arguments, as root of a user namespace. It is in a directory of the store that has what
 * an overlay needs, `lower/file`, `upper`, `work` and `merged`, and is gone afterwards.
 */
export async function runInStore(script: readonly [string, ...string[]], facts: Facts): Promise<NativeResult> {
  ensureDirectory(storePath());
  const left = readdirSync(storePath()).filter(isAbandoned);
  const { pid, startTime } = ownIdentity();
  const directory = storePath(`.probe-${pid}-${startTime}`);
  try {
    mkdirSync(directory);
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(directory, name));
    writeFileSync(join(directory, 'lower/file'), '');
    const [text, ...args] = script;
    const shell = ['/bin/sh', '-c', `cd "$1" && shift && { ${text}\n}`, 'sh', directory, ...args];
    return await runNative([...usernsArgs(facts), '--', ...shell]);
  } finally {
    await removeTrees([directory, ...left.map((name) => storePath(name))], facts);
  }
}

/** `.probe-<pid>-<start time>`, of a process that was killed. */
function isAbandoned(name: string): boolean {
  const [, pid, startTime] = /^\.probe-(\d+)-(\d+)$/.exec(name) ?? [];
  return pid !== undefined && !isAlive({ pid: Number(pid), startTime: Number(startTime), bootId: bootId() });
}
