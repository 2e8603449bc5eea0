/** When a request may be made again, and after what time. */
import type { IncomingHttpHeaders } from 'node:http';

const FIRST_DELAY_MS = 250;

/** Doubling pauses; the random part keeps several pulls from coming back at the same moment. */
export function backoffMs(attempt: number): number {
  return FIRST_DELAY_MS * 2 ** attempt * (0.75 + Math.random() / 2);
}

/** Seconds, or a date: RFC 9110, section 10.2.3. */
export function retryAfterMs({ headers }: { readonly headers: IncomingHttpHeaders }): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const ms = /^[0-9]+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

/** The same request may succeed in a moment: RFC 9110, section 15. */
export function isTransientStatus(status: number): boolean {
  return [408, 429, 500, 502, 503, 504].includes(status);
}
