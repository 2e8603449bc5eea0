import { UsageError } from '../errors.ts';
import { readDuration } from '../model/duration.ts';

/** What a log or a journal can say: after 1970, and four digits for the year. */
const LAST_MOMENT = Date.UTC(10_000, 0) - 1;

/**
 * Parse a moment as `--since` and `--until` take it: RFC 3339 (`2026-11-20T10:00:00Z`, also without zone or with the
 * date alone), seconds since 1970 (`1700000000.5`), or a duration before now (`10m`).
 *
 * @param nowMs the present, in milliseconds since 1970
 * @param direction where a duration leads to from there
 * @returns milliseconds since 1970; for what is earlier or later than anything here can be, the nearest that can
 * @throws {UsageError} when the text is none of them
 */
export function parseTimestamp(text: string, nowMs: number, direction: 'ago' | 'ahead' = 'ago'): number {
  return Math.min(Math.max(0, readMoment(text, nowMs, direction)), LAST_MOMENT);
}

function readMoment(text: string, nowMs: number, direction: 'ago' | 'ahead'): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const duration = readDuration(text.replace(/^-/, ''));
  if (duration !== undefined) return direction === 'ago' ? nowMs - duration : nowMs + duration;
  const [, date, time, zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d(?::\d\d){0,2}(?:\.\d+)?))?([Zz]|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  if (date !== undefined) {
    const [hours = '00', minutes = '00', seconds = '00'] = (time ?? '').split(':');
    const moment = new Date(`${date}T${hours || '00'}:${minutes}:${seconds}${zone}`).getTime();
    if (!Number.isNaN(moment)) return moment;
  }
  throw new UsageError(`"${text}" is not a time`, {
    remedy: 'Write a moment, or a duration before now: 2026-11-20T10:00:00Z, 10m',
  });
}
