/** What a store can do on a file system that may not be made for one: found by doing it there, as a container would. */
import { existsSync, statfsSync } from 'node:fs';
import { hasCode } from '../../errors.ts';
import type { HostFacts } from '../../model/host-facts.ts';
import { openingError } from '../device-error.ts';
import { runInStore } from '../overlay-probe.ts';
import { storePath } from '../paths.ts';

/** statfs(2): file systems that may keep no files of subordinate ids, or no overlay. */
export const DOUBTFUL: Readonly<Record<number, string>> = {
  0x6969: 'nfs',
  0xff534d42: 'cifs',
  0xfe534d42: 'smb2',
  0x01021997: '9p',
  0x65735546: 'fuse',
  0x4d44: 'vfat',
  0x2011bab0: 'exfat',
};

/** Whether the store is on one of them. */
export function isDoubtful(): boolean {
  return existsSync(storePath()) && statfsSync(storePath()).type in DOUBTFUL;
}

/** `nothing`: it keeps no files of subordinate ids; `copies`: it does, and carries no overlay. */
export type StoreUse = 'nothing' | 'copies' | 'overlays';

/** Undefined where that cannot be tried: without user namespaces, or on a full disk. */
export async function tryStore(facts: HostFacts): Promise<StoreUse | undefined> {
  if (facts.usernsRefusal !== undefined) return undefined;
  const id = facts.subuids.length > 0 && facts.subgids.length > 0 ? '1' : '0';
  const succeeds = async (script: string) => (await runInStore([script, id], facts)).exitCode === 0;
  try {
    if (!(await succeeds(USE))) return 'nothing';
    const canFuse = facts.helpers['fuse-overlayfs'] !== undefined && openingError('/dev/fuse') === undefined;
    return facts.kernelOverlay || (canFuse && (await succeeds(OVERLAY))) ? 'overlays' : 'copies';
  } catch (error) {
    if (hasCode(error, 'ENOSPC', 'EDQUOT')) return undefined;
    throw error;
  }
}

/** A file of another user and a link, in the working directory. `$1` is the user. */
const USE = ': >new && chown "$1:$1" new && test "$(stat -c %u:%g new)" = "$1:$1" && ln -s new link';

/** The same in an overlay, which in the end is unmounted: with that fuse-overlayfs(1) ends. */
const OVERLAY = `fuse-overlayfs -o lowerdir=lower,upperdir=upper,workdir=work merged &&
  (cd merged && ${USE} && rm file); status=$?; umount -l merged; exit $status`;
