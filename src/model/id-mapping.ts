import { UsageError } from '../errors.ts';

/** `inside` is mapped to `outside` for `size` ids: user_namespaces(7). */
export interface IdMapping {
  readonly inside: number;
  readonly outside: number;
  readonly size: number;
}

const LAST_ID = 4_294_967_294;

/**
 * Parse `--uidmap` and `--gidmap`: `CONTAINER:HOST[:SIZE]`.
 *
 * @throws {UsageError} when the text has another form or leaves the range of ids
 */
export function parseIdMapping(text: string): IdMapping {
  const [inside = NaN, outside = NaN, size = 1, more] = text
    .split(':')
    .map((part) => (/^\d{1,10}$/.test(part) ? Number(part) : NaN));
  const isWithin = inside + size - 1 <= LAST_ID && outside + size - 1 <= LAST_ID;
  if (more === undefined && size > 0 && isWithin) return { inside, outside, size };
  throw new UsageError(`"${text}" is not an id mapping`, { remedy: 'Write CONTAINER:HOST:SIZE: 0:1:1000' });
}
