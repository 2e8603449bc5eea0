/** `--log-level` */
import { UsageError } from '../errors.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'];

/**
 * Parse a level in any case, as Podman does.
 *
 * @throws {UsageError} when there is none of the name
 */
export function parseLogLevel(text: string): string {
  const level = text.toLowerCase();
  if (LOG_LEVELS.includes(level)) return level;
  throw new UsageError(`"${text}" is not a level`, { remedy: `Choose from: ${LOG_LEVELS.join(', ')}` });
}
