import { UsageError } from '../errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Parse a duration as Go writes it: `90s`, `1m30s`, `1.5h`, `300ms`.
 *
 * @returns milliseconds
 * @throws {UsageError} when the text is not a duration
 */
export function parseDuration(text: string): number {
  const milliseconds = readDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new UsageError(`"${text}" is not a duration`, { remedy: 'Write numbers with h, m, s or ms: 1m30s' });
}

/** The same for text that may be something else. */
export function readDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g);
  return [...parts].reduce((sum, [, digits, unit = '']) => sum + Number(digits) * (UNIT_MS[unit] ?? 0), 0);
}

/**
 * Parse a number of whole seconds, as `--time` and `--stop-timeout` take it.
 *
 * @returns seconds
 */
export function parseSeconds(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is not a number of seconds`, { remedy: 'Write a whole number: 10' });
}

/**
 * The same where -1 is for ever.
 *
 * @returns seconds, or -1
 */
export function parseSecondsOrForever(text: string): number {
  return text === '-1' ? -1 : parseSeconds(text);
}

/** As Go prints a duration: `1h2m3.5s`, `20.39s`, `0s`; to the microsecond. */
export function formatDuration(milliseconds: number): string {
  const microseconds = Math.round(milliseconds * 1000);
  if (microseconds === 0) return '0s';
  if (microseconds < 1000) return `${microseconds}µs`;
  if (microseconds < 1_000_000) return `${microseconds / 1000}ms`;
  const [hours, minutes] = [Math.floor(microseconds / 3.6e9), Math.floor(microseconds / 6e7) % 60];
  const seconds = (microseconds % 6e7) / 1e6;
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
