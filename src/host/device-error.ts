/** What to say of a device that programs of ours need and cannot open. */
import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { TspodError } from '../errors.ts';

/** A device and its module have the same name. */
export type HelperDevice = '/dev/fuse' | '/dev/net/tun';

/** The code of the error that opening it for reading and writing gives; undefined if it can be opened. */
export function openingError(device: HelperDevice): string | undefined {
  try {
    closeSync(openSync(device, 'r+'));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

/** What makes a device usable. */
export function deviceRemedy(device: HelperDevice): string {
  return `An administrator makes it usable: modprobe ${basename(device)}; chmod 0666 ${device}`;
}

/**
 * The error of a program that failed for want of its device; undefined if that is not why.
 *
 * @param otherwise what the user may do without the device
 */
export function explainDevice(program: string, device: HelperDevice, otherwise: string): TspodError | undefined {
  const reason = openingError(device);
  if (reason === undefined) return undefined;
  return new TspodError(`${program} needs "${device}", which cannot be opened: ${reason}`, {
    remedy: `${deviceRemedy(device)}; or ${otherwise}`,
  });
}
