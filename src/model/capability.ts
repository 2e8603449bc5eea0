/** Capabilities by name, in the kernel's order: the index is the bit, capabilities(7). */
import { UsageError } from '../errors.ts';

/** Every capability up to Linux 6.x; the kernel ignores bits that it does not know. */
export const CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
];

/**
 * Read a capability as `--cap-add` takes it: `CAP_NET_RAW`, `net_raw`, `all`.
 *
 * @returns a name of {@link CAPABILITIES}, or `all`
 * @throws {UsageError} when there is no such capability
 */
export function parseCapability(text: string): string {
  const upper = text.toUpperCase();
  if (upper === 'ALL') return 'all';
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (!CAPABILITIES.includes(name)) {
    throw new UsageError(`there is no capability "${text}"`, {
      remedy: 'Write its name, or all; man 7 capabilities lists them: net_raw',
    });
  }
  return name;
}

/**
 * Check a capability and keep it as it was written.
 *
 * @throws {UsageError} when there is no such capability
 */
export function checkCapability(text: string): string {
  parseCapability(text);
  return text;
}

/** The set as the hexadecimal mask of /proc/PID/status. */
export function capabilityMask(names: readonly string[]): string {
  return names.reduce((mask, name) => mask | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n).toString(16);
}

/** Names without `CAP_` of the bits in such a mask, in the order of the alphabet, as Podman lists them. */
export function capabilityNames(mask: string): string[] {
  const bits = BigInt(`0x${mask}`);
  return CAPABILITIES.flatMap((name, bit) => ((bits >> BigInt(bit)) & 1n ? [name.replace('CAP_', '')] : [])).sort();
}
