import { UsageError } from '../errors.ts';

const UNITS = 'kmgtp';

/**
 * Parse a size as Podman does: `64m` is 64 * 1024 * 1024, `1.5g`, `10kb`, `4096`.
 *
 * @returns bytes
 * @throws {UsageError} when the text is not a size
 */
export function parseBytes(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * 1024 ** (unit === '' ? 0 : UNITS.indexOf(unit.toLowerCase()) + 1));
  if (digits !== undefined && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(`"${text}" is not a size`, { remedy: 'Write a number with b, k, m, g or t: 512m' });
}

/**
 * Parse a size or -1, which is unlimited.
 *
 * @returns bytes, or -1
 */
export function parseBytesOrUnlimited(text: string): number {
  return text === '-1' ? -1 : parseBytes(text);
}
