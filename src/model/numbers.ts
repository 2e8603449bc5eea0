import { UsageError } from '../errors.ts';

/** The period of `--cpus`, in microseconds. */
const PERIOD_US = 100_000;

/**
 * Parse `--cpus`: `1.5` is 150 ms of CPU time each 100 ms; 0 is no limit.
 *
 * @throws {UsageError} when it is not a number, or less than the kernel accepts
 */
export function parseCpus(text: string): { cpuQuotaUs: number; cpuPeriodUs: number } | undefined {
  const quota = Math.round(Number(text) * PERIOD_US);
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text) || (quota !== 0 && quota < 1000)) {
    throw new UsageError(`"${text}" is not a number of CPUs of at least 0.01`, { remedy: 'Write a number: 1.5' });
  }
  return quota === 0 ? undefined : { cpuQuotaUs: quota, cpuPeriodUs: PERIOD_US };
}

/**
 * Check a list of CPUs or memory nodes: `0-3,5`.
 *
 * @throws {UsageError} when it is malformed
 */
export function parseCpuset(text: string): string {
  const ranges = text.split(',').map((range) => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range));
  if (ranges.every((match) => match !== null && Number(match[2] ?? match[1]) >= Number(match[1]))) return text;
  throw new UsageError(`"${text}" is not a list of CPUs or nodes`, { remedy: 'Write numbers and ranges: 0-3,5' });
}

/**
 * Parse a whole number within bounds.
 *
 * @throws {UsageError} when it is not one
 */
export function parseInteger(text: string, { least, most }: { readonly least: number; readonly most: number }): number {
  const number = Number(text);
  if (/^-?\d{1,15}$/.test(text) && number >= least && number <= most) return number;
  const above = least === Number.MIN_SAFE_INTEGER ? '' : ` of at least ${least}`;
  const bounds = most === Number.MAX_SAFE_INTEGER ? above : ` from ${least} to ${most}`;
  throw new UsageError(`"${text}" is not a whole number${bounds}`, {
    remedy: `Write a number: ${Math.max(least, 1)}`,
  });
}

/**
 * Parse `--umask`: octal, up to 0777.
 *
 * @throws {UsageError} when it is not one
 */
export function parseUmask(text: string): number {
  if (/^0?[0-7]{1,3}$/.test(text)) return Number.parseInt(text, 8);
  throw new UsageError(`"${text}" is not a umask`, { remedy: 'Write up to four octal digits: 0022' });
}
