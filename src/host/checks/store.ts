/** Checks of the file system that holds the store, and of what is installed. */
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import type { Finding } from '../../model/finding.ts';
import type { HostFacts } from '../../model/host-facts.ts';
import { ensureDirectory } from '../directory.ts';
import { nativeProgram } from '../native.ts';
import { programPath, storePath } from '../paths.ts';
import { seccompFilterPath } from '../seccomp.ts';
import { DOUBTFUL, tryStore } from './store-trial.ts';

const RAMFS = 0x858458f6;

const LITTLE_SPACE = 1024 ** 3;

/** Whether images can be unpacked and run where the store is. */
export async function checkStore(facts: HostFacts): Promise<Finding> {
  const name = 'store';
  const path = storePath();
  try {
    ensureDirectory(path);
    accessSync(path, constants.W_OK);
  } catch (error) {
    return {
      name,
      status: 'failed',
      detail: `"${path}" cannot be written: ${(error as NodeJS.ErrnoException).code ?? ''}`,
      remedy: 'Choose another one: --root DIR, or XDG_DATA_HOME',
    };
  }
  const { type, bavail, bsize, blocks } = statfsSync(path);
  const kind = DOUBTFUL[type] ?? '';
  const use = kind === '' ? undefined : await tryStore(facts);
  if (use === 'nothing') {
    return {
      name,
      status: 'failed',
      detail: `"${path}" is on ${kind}, which does not keep files of other users for you`,
      remedy: 'Put it on a local disk: --root /var/tmp/NAME, or XDG_DATA_HOME',
    };
  }
  if (mountOptions(path).includes('noexec')) {
    return {
      name,
      status: 'failed',
      detail: `"${path}" is mounted noexec: no program in a container could start`,
      remedy: 'Put it elsewhere: --root DIR, or XDG_DATA_HOME',
    };
  }
  if (use === 'copies') {
    return {
      name,
      status: 'limited',
      detail: `"${path}" is on ${kind}, on which nothing overlays: every container copies its image`,
      remedy: 'Put it on a local disk: --root /var/tmp/NAME, or XDG_DATA_HOME',
    };
  }
  if (type === RAMFS) {
    return {
      name,
      status: 'limited',
      detail: `"${path}" is on ramfs: it may fill the memory of this host, and is gone after a boot`,
      remedy: 'Put it on a disk: --root DIR, or XDG_DATA_HOME',
    };
  }
  // A file system that counts no blocks does not say how many are left.
  if (blocks > 0 && bavail * bsize < LITTLE_SPACE) {
    return {
      name,
      status: 'limited',
      detail: `"${path}" has ${Math.floor((bavail * bsize) / 1024 ** 2)} MiB left`,
      remedy: 'Free some: tspod system prune',
    };
  }
  return { name, status: 'ok', detail: use === undefined ? path : `${path}, on ${kind}` };
}

/** Whether our own native program is there and may run. */
export function checkInstallation(): Finding {
  const name = 'installation';
  try {
    accessSync(nativeProgram(), constants.X_OK);
    return { name, status: 'ok', detail: programPath() };
  } catch {
    return {
      name,
      status: 'failed',
      detail: `"${nativeProgram()}" is missing or may not be executed`,
      remedy: 'npm run build',
    };
  }
}

/** Whether the default seccomp profile can be compiled and the kernel filters system calls. */
export async function checkSeccomp(facts: HostFacts): Promise<Finding> {
  const name = 'seccomp';
  if (!existsSync('/proc/sys/kernel/seccomp')) {
    return {
      name,
      status: 'failed',
      detail: 'this kernel does not filter system calls',
      remedy: 'Use another kernel, or --security-opt seccomp=unconfined',
    };
  }
  try {
    await seccompFilterPath('default', [], facts);
    return { name, status: 'ok', detail: 'the default profile compiles' };
  } catch (error) {
    const { message, remedy } = error as { readonly message: string; readonly remedy?: string };
    return { name, status: 'failed', detail: message, remedy: remedy ?? 'Use --security-opt seccomp=unconfined' };
  }
}

/** Of the mount that holds a path: proc(5), /proc/PID/mountinfo. */
function mountOptions(path: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, , , , point, options] = line.split(' ');
      return point === undefined || options === undefined ? [] : [{ point, options }];
    })
    .filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`));
  const nearest = mounts.reduce((best, mount) => (mount.point.length >= best.point.length ? mount : best), {
    point: '',
    options: '',
  });
  return nearest.options.split(',');
}
