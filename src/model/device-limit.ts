/** Limits of block devices, and rules of the device cgroup. */
import { UsageError } from '../errors.ts';
import { parseBytes } from './bytes.ts';

/** A limit, or weight, of one block device. */
export interface DeviceLimit {
  readonly path: string;
  /** `MAJOR:MINOR`, as the kernel wants to be told; known once the container is made. */
  readonly number?: string;
  readonly value: number;
}

/**
 * Parse `--device-read-bps` and `--device-write-bps`: `PATH:SIZE`, in bytes a second.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseDeviceBytes(text: string): DeviceLimit {
  return parseLimit(text, { example: '/dev/sda:1mb', read: parseBytes, most: Number.MAX_SAFE_INTEGER });
}

/**
 * Parse `--device-read-iops` and `--device-write-iops`: `PATH:NUMBER`, in operations a second.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseDeviceOperations(text: string): DeviceLimit {
  return parseLimit(text, { example: '/dev/sda:1000', read: readDigits, most: Number.MAX_SAFE_INTEGER });
}

/**
 * Parse `--blkio-weight-device`: `PATH:WEIGHT`, from 10 to 1000.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseDeviceWeight(text: string): DeviceLimit {
  return parseLimit(text, { example: '/dev/sda:500', read: readDigits, least: 10, most: 1000 });
}

/**
 * Check `--device-cgroup-rule`: `TYPE MAJOR:MINOR ACCESS`.
 *
 * @throws {UsageError} when the text has another form
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/devices.html
 */
export function parseDeviceRule(text: string): string {
  const [, access = ''] = /^[abc] (?:\d{1,9}|\*):(?:\d{1,9}|\*) ([rwm]{1,3})$/.exec(text) ?? [];
  if (access !== '' && new Set(access).size === access.length) return text;
  throw new UsageError(`"${text}" is not a rule for devices`, { remedy: 'Write TYPE MAJOR:MINOR ACCESS: c 42:* rwm' });
}

interface LimitForm {
  readonly example: string;
  readonly read: (text: string) => number;
  readonly least?: number;
  readonly most: number;
}

function parseLimit(text: string, { example, read, least = 1, most }: LimitForm): DeviceLimit {
  const refused = (reason: string, cause?: unknown) =>
    new UsageError(`"${text}" is not a limit of a device: ${reason}`, {
      remedy: `Write PATH:VALUE: ${example}`,
      cause,
    });
  const [, path = '', digits = ''] = /^(\/dev\/[^:\0]+):([^:]+)$/.exec(text) ?? [];
  if (path === '' || path.split('/').includes('..')) throw refused('it has no path below /dev, or no value');
  let value: number;
  try {
    value = read(digits);
  } catch (cause) {
    throw refused(`"${digits}" is not a size`, cause);
  }
  if (value >= least && value <= most) return { path, value };
  throw refused(`"${digits}" is not a number ${most === 1000 ? `from ${least} to ${most}` : `of at least ${least}`}`);
}

function readDigits(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}
