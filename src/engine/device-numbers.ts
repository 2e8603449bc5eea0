/** Block devices by number: the kernel knows no paths. */
import { statSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import type { ResourceConfig } from '../model/container-config.ts';
import type { DeviceLimit } from '../model/device-limit.ts';

/**
 * Look up the numbers of the devices that have limits.
 *
 * @throws {UsageError} when one is no block device
 */
export function numberDevices(resources: ResourceConfig): ResourceConfig {
  const number = (limits: readonly DeviceLimit[]) =>
    limits.map((limit) => ({ ...limit, number: numberOf(limit.path) }));
  const { ioDeviceWeights, ioReadBytes, ioWriteBytes, ioReadOperations, ioWriteOperations } = resources;
  return {
    ...resources,
    ...(ioDeviceWeights && { ioDeviceWeights: number(ioDeviceWeights) }),
    ...(ioReadBytes && { ioReadBytes: number(ioReadBytes) }),
    ...(ioWriteBytes && { ioWriteBytes: number(ioWriteBytes) }),
    ...(ioReadOperations && { ioReadOperations: number(ioReadOperations) }),
    ...(ioWriteOperations && { ioWriteOperations: number(ioWriteOperations) }),
  };
}

/** @see man 3 major for how the number is put together */
function numberOf(path: string): string {
  const device = statSync(path, { throwIfNoEntry: false });
  if (device?.isBlockDevice()) {
    const { rdev } = device;
    return `${(rdev >> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >> 12) & 0xfff00)}`;
  }
  throw new UsageError(`"${path}" is not a block device, and has no limits`, {
    remedy: 'See which there are: lsblk -p',
  });
}
