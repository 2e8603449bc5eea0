/** The native unpacker: a tar archive goes in, a layer's directory tree comes out. */
import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { getSystemErrorMessage } from 'node:util';
import { TspodError } from '../errors.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { ERRNO, parseReport } from '../plan/errno.ts';
import { remedyForSubids } from '../plan/id-maps.ts';
import { isBrokenPipe, nativeProgram, runNative } from './native.ts';
import { storePath } from './paths.ts';
import { explainEntry, usernsArgs } from './userns.ts';

export interface Unpacked {
  /** Whether a file has capabilities of its own: capabilities(7). */
  readonly hasCapabilities: boolean;
}

/**
 * Unpack an uncompressed tar archive into an empty directory, as root of the user's full map.
 *
 * @throws {TspodError} when the archive is malformed, the disk is full, or an owner cannot be represented;
 *   and what reading the archive throws
 */
export async function unpackTar(tar: AsyncIterable<Buffer>, directory: string, facts: HostFacts): Promise<Unpacked> {
  const isSingleId = facts.subuids.length === 0 || facts.subgids.length === 0;
  const args = [...usernsArgs(facts), 'unpack', ...(isSingleId ? ['--squash-owners'] : []), directory];
  const child = spawn(nativeProgram(), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 125));
  });
  const words = child.stderr.toArray();
  const remarks = child.stdout.toArray();
  const feeding = pipeline(tar, child.stdin);
  const [fed, exitCode, stderr] = await Promise.allSettled([feeding, exit, words]);
  if (exitCode.status === 'rejected') throw exitCode.reason;
  const text = stderr.status === 'fulfilled' ? Buffer.concat(stderr.value as Buffer[]).toString() : '';
  // When the unpacker ended first, its reason counts, not our broken pipe; else the source's.
  if (fed.status === 'rejected' && !isBrokenPipe(fed.reason)) throw fed.reason;
  if (exitCode.value !== 0) throw explainFailure(text, facts);
  return { hasCapabilities: (await remarks).length > 0 };
}

/**
 * Copy the files with capabilities out of an unpacked layer, so that they hold where root is the first subordinate id.
 *
 * @throws {TspodError} when it cannot be done; nothing is left at the target then
 */
export async function copyCapable(layer: string, target: string, facts: HostFacts): Promise<void> {
  const { exitCode, stderr } = await runNative([...usernsArgs(facts), 'copy', '--capable', target, layer]);
  if (exitCode !== 0) throw explainFailure(stderr, facts);
}

/** What a file system says that lacks something. */
const UNSUPPORTED: readonly number[] = [ERRNO.EPERM, ERRNO.ENOSYS, ERRNO.EOPNOTSUPP];

/** From the native program's last words. */
function explainFailure(text: string, facts: HostFacts): TspodError {
  const { step, errno, detail } = parseReport(text) ?? { step: 'unpack', errno: 0, detail: '' };
  const refusal = explainEntry(step, errno);
  if (refusal !== undefined) return refusal;
  if (errno === ERRNO.ENOSPC || errno === ERRNO.EDQUOT) {
    return new TspodError(`no space left in "${storePath()}" while unpacking "${detail}"`, {
      remedy: 'Remove images that nobody needs (tspod rmi), or put the store elsewhere with --root.',
    });
  }
  if (errno === ERRNO.ENODATA) return new TspodError('its tar archive ends too early');
  if (errno === ERRNO.EBADMSG) return new TspodError(`its tar archive is malformed${detail && `, at "${detail}"`}`);
  if (step === 'chown' && errno === ERRNO.EINVAL) {
    const [owner = '', ...path] = detail.split(' ');
    return new TspodError(`"${path.join(' ')}" belongs to ${owner}, an id that your subordinate ids do not reach`, {
      remedy: remedyForSubids(facts),
    });
  }
  const reason = errno === 0 ? text.trim() || 'the unpacker was killed' : getSystemErrorMessage(-errno);
  const remedy = UNSUPPORTED.includes(errno)
    ? 'The store needs a file system with links and owners, such as ext4, xfs or btrfs: --root DIR; see also: tspod doctor'
    : 'tspod doctor';
  return new TspodError(`cannot unpack${detail && ` "${detail}"`}: ${step}: ${reason}`, { remedy });
}
