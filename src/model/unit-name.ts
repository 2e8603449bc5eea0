import { UsageError } from '../errors.ts';

/**
 * Read the name of a unit that another one mentions; several share a line, so it is one word.
 *
 * @throws {UsageError} when it is none: systemd.unit(5)
 */
export function parseUnitName(text: string): string {
  if (/^[\w:.@%\\-]+$/.test(text)) return text;
  throw new UsageError(`"${text}" is not the name of a unit`, {
    remedy: 'Use letters, digits, and : - _ . @: network-online.target',
  });
}
