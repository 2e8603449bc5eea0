/** Capabilities, masked paths and the choice of a seccomp profile, as Podman chooses them. */
import { CAPABILITIES, capabilityMask, parseCapability } from '../model/capability.ts';
import type { ContainerConfig, SecurityConfig, UsernsMode } from '../model/container-config.ts';
import { UsageError } from '../errors.ts';
import type { Op } from './ops.ts';

/** The five sets of capabilities(7), as names. */
export interface CapabilitySets {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
  readonly ambient: readonly string[];
}

/** Paths below /proc and /sys that the container may not see, or may not change. */
export interface KernelPaths {
  readonly masked: readonly string[];
  readonly readonly: readonly string[];
}

/**
 * Compile the capabilities of the container's first process.
 *
 * Root has the whole bounding set. Another user has what `--cap-add` names and nothing else, as ambient
 * capabilities, since others are lost at execve(2). Only those need the inheritable set; it is empty otherwise,
 * or a file's capabilities would add to what a process was meant to have (CVE-2022-24769).
 *
 * @throws {UsageError} for a name that is none, or one that is added and dropped
 */
export function compileCapabilities({
  security,
  process,
  userns,
}: Pick<ContainerConfig, 'security' | 'process' | 'userns'>): CapabilitySets {
  const bounding = security.privileged ? CAPABILITIES : mergeCapabilities(DEFAULT_CAPABILITIES, security);
  if (isRoot(process.user, userns)) return rootCapabilities(bounding);
  return userCapabilities(bounding, mergeCapabilities([], { capAdd: security.capAdd, capDrop: [] }));
}

/**
 * Compile the capabilities of a process that `exec` brings into a container.
 *
 * @param options.user as `--user` gave it; undefined: the container's own
 */
export function compileExecCapabilities(
  config: Pick<ContainerConfig, 'security' | 'process' | 'userns'>,
  { user, privileged }: { readonly user?: string | undefined; readonly privileged: boolean },
): CapabilitySets {
  const own = compileCapabilities(config);
  const bounding = privileged ? CAPABILITIES : own.bounding;
  if (isRoot(user ?? config.process.user, config.userns)) return rootCapabilities(bounding);
  const isSameUser = user === undefined || user === config.process.user;
  return userCapabilities(bounding, isSameUser ? own.effective : []);
}

/** The op that gives a process these capabilities. */
export function capabilitiesOp(sets: CapabilitySets): Op {
  const { bounding, effective, permitted, inheritable, ambient } = sets;
  return ['caps', ...[bounding, effective, permitted, inheritable, ambient].map(capabilityMask)];
}

/** Compile the masked and read-only paths: the defaults less what is unmasked, and what the user masks. */
export function compileKernelPaths({ security }: Pick<ContainerConfig, 'security'>): KernelPaths {
  const isKept = (path: string) => !isUnmasked(security, path);
  const asked = splitPaths(security.mask);
  for (const path of asked) {
    if (!path.startsWith('/')) {
      throw new UsageError(`the path "${path}" to mask is not absolute`, {
        remedy: 'Write --security-opt mask=/absolute/path.',
      });
    }
  }
  if (security.privileged) return { masked: asked, readonly: [] };
  return {
    masked: [...MASKED_PATHS.filter(isKept), ...asked],
    readonly: READONLY_PATHS.filter(isKept),
  };
}

/** Whether the user opens a path of the kernel's that is closed by default. */
export function isUnmasked({ privileged, unmask }: SecurityConfig, path: string): boolean {
  return privileged || splitPaths(unmask).some((pattern) => matchesUnmask(path, pattern));
}

/** The seccomp profile to use: `default`, `unconfined` or a path. A privileged container has none unless it asks for one. */
export function chooseSeccompProfile({ seccomp, privileged }: SecurityConfig): string {
  return privileged && seccomp === 'default' ? 'unconfined' : seccomp;
}

/** What root in a container has unless the user says otherwise. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/dev/block',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
];

const READONLY_PATHS = ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

function rootCapabilities(bounding: readonly string[]): CapabilitySets {
  return { bounding, effective: bounding, permitted: bounding, inheritable: [], ambient: [] };
}

function userCapabilities(bounding: readonly string[], own: readonly string[]): CapabilitySets {
  return { bounding, effective: own, permitted: own, inheritable: own, ambient: own };
}

type Changes = Pick<SecurityConfig, 'capAdd' | 'capDrop'>;

/** @throws {UsageError} when a name is none, or it is both added and dropped */
export function checkCapabilities({ capAdd, capDrop }: Changes): { add: Set<string>; drop: Set<string> } {
  const add = new Set(capAdd.map(parseCapability));
  const drop = new Set(capDrop.map(parseCapability));
  const both = [...add].find((name) => drop.has(name));
  if (both !== undefined) {
    throw new UsageError(`the capability "${both}" is both added and dropped`, {
      remedy: `Give either --cap-add=${both} or --cap-drop=${both}.`,
    });
  }
  return { add, drop };
}

function mergeCapabilities(base: readonly string[], changes: Changes): readonly string[] {
  const { add, drop } = checkCapabilities(changes);
  if (drop.has('all')) return inOrder(add);
  const present = add.has('all') ? CAPABILITIES : [...base, ...add];
  return inOrder(new Set(present.filter((name) => !drop.has(name))));
}

/** Capabilities in the kernel's order, so that equal sets are equal lists. */
function inOrder(names: ReadonlySet<string>): readonly string[] {
  return CAPABILITIES.filter((name) => names.has(name));
}

function isRoot(user: string, userns: UsernsMode): boolean {
  const name = user.split(':', 1)[0] ?? '';
  if (name !== '') return name === 'root' || name === '0';
  return userns.kind !== 'keep-id' || userns.uid === 0; // keep-id starts the process as the user itself.
}

/** Several paths may stand in one option, separated by colons. */
function splitPaths(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(':')).filter((path) => path !== '');
}

/** `ALL`, a path, or a pattern of glob(7) in which `*` and `?` stop at a slash. */
function matchesUnmask(path: string, pattern: string): boolean {
  if (pattern.toLowerCase() === 'all') return true;
  const source = pattern.replace(/[.+^${}()|[\]\\*?]/g, (sign) => ({ '*': '[^/]*', '?': '[^/]' })[sign] ?? `\\${sign}`);
  return new RegExp(`^${source}$`).test(path);
}
