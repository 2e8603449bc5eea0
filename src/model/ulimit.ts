import { UsageError } from '../errors.ts';

export interface Ulimit {
  /** As in setrlimit(2), lower case, without `RLIMIT_`: `nofile`, `nproc`. */
  readonly name: string;
  /** -1 is unlimited. */
  readonly soft: number;
  readonly hard: number;
}

/** getrlimit(2) */
export const ULIMIT_NAMES = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/** The limits of whoever starts the container, as they are. */
export const HOST_ULIMITS: Ulimit = { name: 'host', soft: -1, hard: -1 };

/**
 * Parse `--ulimit`: `NAME=SOFT[:HARD]`; -1 is unlimited; `host` keeps the caller's.
 *
 * @throws {UsageError} when the name is unknown or a number malformed
 */
export function parseUlimit(text: string): Ulimit {
  if (text === 'host') return HOST_ULIMITS;
  const [, given = '', first = '', second = first] = /^([A-Za-z_]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  const name = given.toLowerCase().replace(/^rlimit_/, '');
  const [soft, hard] = [Number(first), Number(second)];
  const remedy = 'Write NAME=SOFT:HARD: nofile=1024:2048';
  if (given === '' || soft < -1 || hard < -1) throw new UsageError(`"${text}" is not a ulimit`, { remedy });
  if (!ULIMIT_NAMES.includes(name))
    throw new UsageError(`"${text}" is not a ulimit: there is no "${given}"`, { remedy });
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw new UsageError(`"${text}" is not a ulimit: the soft limit is above the hard one`, { remedy });
  }
  return { name, soft, hard };
}
