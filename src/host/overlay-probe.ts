/** Whether the kernel overlays for this user at the store: found by a real mount and a real whiteout. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostFacts } from '../model/host-facts.ts';
import { ensureDirectory } from './directory.ts';
import { runNative } from './native.ts';
import { storePath } from './paths.ts';
import { isPowerless, removeTrees, usernsArgs } from './userns.ts';

/** Mount an overlay in a user namespace and remove a file of its lower layer, as a container would. */
export async function probeKernelOverlay(
  facts: Pick<HostFacts, 'uid' | 'gid' | 'subuids' | 'subgids'>,
): Promise<Pick<HostFacts, 'kernelOverlay' | 'usernsRefusal'>> {
  ensureDirectory(storePath());
  const directory = mkdtempSync(storePath('.probe-'));
  try {
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(directory, name));
    writeFileSync(join(directory, 'lower/file'), '');
    const script =
      'cd "$1" && mount -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work overlay merged && rm merged/file';
    const { exitCode, stderr } = await runNative([
      ...usernsArgs(facts),
      '--',
      '/bin/sh',
      '-c',
      script,
      'sh',
      directory,
    ]);
    return { kernelOverlay: exitCode === 0, ...(isPowerless(stderr) ? { usernsRefusal: stderr } : {}) };
  } finally {
    // Where there is no user namespace there was no mount either, and everything in it is our own.
    await removeTrees([directory], facts).catch(() => rmSync(directory, { recursive: true, force: true }));
  }
}
