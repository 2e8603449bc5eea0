import { UsageError } from '../errors.ts';

/**
 * Check `--tz`: a name of the time zone database, or `local`.
 *
 * @throws {UsageError} when it cannot be one
 */
export function parseTimezone(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(text)) return text;
  throw new UsageError(`"${text}" is not a time zone`, { remedy: 'Give its name, or local: --tz Europe/Berlin' });
}
