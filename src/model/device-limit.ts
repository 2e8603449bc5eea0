/** Limits of block devices, and rules of the device cgroup. */
import { UsageError } from '../errors.ts';
import { parseBytes } from './bytes.ts';
import type { DeviceLimit } from './container-config.ts';
import { parseInteger } from './numbers.ts';

/**
 * Parse `--device-read-bps` and `--device-write-bps`: `PATH:SIZE`, in bytes a second.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseDeviceBytes(text: string): DeviceLimit {
  const { path, value } = splitDevice(text, '/dev/sda:1mb');
  return { path, value: atLeastOne(parseBytes(value), text) };
}

/**
 * Parse `--device-read-iops` and `--device-write-iops`: `PATH:NUMBER`, in operations a second.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseDeviceOperations(text: string): DeviceLimit {
  const { path, value } = splitDevice(text, '/dev/sda:1000');
  return { path, value: parseInteger(value, { least: 1, most: Number.MAX_SAFE_INTEGER }) };
}

/**
 * Parse `--blkio-weight-device`: `PATH:WEIGHT`.
 *
 * @throws {UsageError} when the text has another form, or the weight is not from 10 to 1000
 */
export function parseDeviceWeight(text: string): DeviceLimit {
  const { path, value } = splitDevice(text, '/dev/sda:500');
  return { path, value: parseInteger(value, { least: 10, most: 1000 }) };
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

function splitDevice(text: string, example: string): { readonly path: string; readonly value: string } {
  const [, path = '', value = ''] = /^(\/dev\/[^:\0]+):([^:]+)$/.exec(text) ?? [];
  if (path !== '' && !path.split('/').includes('..')) return { path, value };
  throw new UsageError(`"${text}" is not a limit of a device`, { remedy: `Write PATH:VALUE: ${example}` });
}

function atLeastOne(bytes: number, text: string): number {
  if (bytes > 0) return bytes;
  throw new UsageError(`"${text}" is not a limit of a device: nothing could be read or written`, {
    remedy: 'Write PATH:SIZE: /dev/sda:1mb',
  });
}
