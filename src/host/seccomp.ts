/** Compiled seccomp filters: made once a boot, then found by one stat. */
import { statSync } from 'node:fs'; // The usual case starts no thread, and does not load node:fs/promises: 2 ms.
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TspodError } from '../errors.ts';
import { capabilityMask } from '../model/capability.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { parseSeccompProfile } from '../model/seccomp-profile.ts';
import { ensureDirectory } from './directory.ts';
import { programPath, runtimePath } from './paths.ts';
import { randomHex } from './random.ts';

/**
 * The file with the `struct sock_filter[]` of a profile, compiled if this boot has not done so yet.
 *
 * The file's name is made of the profile's identity (device, inode, size, time of change), the capabilities and
 * the boot, so that the usual case neither reads the profile nor loads libseccomp. A filter for another kernel or
 * library can only be one of an earlier boot.
 *
 * @param profile `default`, `unconfined` or the path of a profile
 * @param capabilities the bounding set, which the default profile depends on
 * @returns undefined for `unconfined`
 */
export async function seccompFilterPath(
  profile: string,
  capabilities: readonly string[],
  { kernel, bootId }: Pick<HostFacts, 'kernel' | 'bootId'>,
): Promise<string | undefined> {
  if (profile === 'unconfined') return undefined;
  const source = findProfile(profile);
  const key = [source.identity, capabilityMask(capabilities), process.arch, bootId.slice(0, 8)].join('-');
  const path = runtimePath('seccomp', `${key}.bpf`);
  if (!exists(path)) await compile(source.path, path, capabilities, kernel);
  return path;
}

/** An administrator's profile for the whole machine, where Podman looks for it too: containers.conf(5). */
const OVERRIDE = '/etc/containers/seccomp.json';

interface ProfileSource {
  readonly path: string;
  readonly identity: string;
}

function findProfile(profile: string): ProfileSource {
  if (profile !== 'default') return identify(profile);
  return identify(exists(OVERRIDE) ? OVERRIDE : programPath('seccomp.json'));
}

function identify(path: string): ProfileSource {
  try {
    const { dev, ino, size, ctimeNs } = statSync(path, { bigint: true });
    return { path, identity: [dev, ino, size, ctimeNs].map((part) => part.toString(36)).join('-') };
  } catch (cause) {
    throw new TspodError(`the seccomp profile "${path}" cannot be read`, {
      cause,
      remedy: 'Give --security-opt seccomp= the path of a readable profile, or "unconfined".',
    });
  }
}

function exists(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

async function compile(source: string, path: string, capabilities: readonly string[], kernel: string): Promise<void> {
  const text = await readFile(source, 'utf8');
  const filter = parseSeccompProfile(text, source, { arch: goArch(), capabilities, kernel });
  const { exportSeccompFilter } = await import('./ffi/seccomp.ts');
  ensureDirectory(dirname(path));
  const staged = `${path}.${randomHex(8)}.tmp`; // Not our pid: a process that was killed may have had it.
  try {
    await using file = await open(staged, 'wx', 0o600);
    exportSeccompFilter(filter, file.fd);
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
}

function goArch(): string {
  return { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch;
}
