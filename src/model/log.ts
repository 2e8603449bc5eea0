/** Where the output of a container goes, and a piece of it as every log gives it back. */
export const LOG_DRIVERS = ['k8s-file', 'json-file', 'journald', 'none', 'passthrough', 'passthrough-tty'] as const;

/** Where nobody says otherwise. */
export const DEFAULT_LOG_DRIVER = 'k8s-file';

export type LogDriver = (typeof LOG_DRIVERS)[number];

export interface LogConfig {
  readonly driver: LogDriver;
  /** The log file; undefined: `ctr.log` in the container's directory. */
  readonly path?: string;
  /** Rotation happens above this many bytes; -1 is never. */
  readonly maxSize: number;
  /** So many files are kept, with the one that is written. */
  readonly maxFiles?: number;
  /** journald: `CONTAINER_TAG` of each entry; a template is filled in at each start. */
  readonly tag?: string;
}

export interface LogRecord {
  /** RFC 3339 with nanoseconds, in bytes: most readers do not look at it. */
  readonly time: Buffer;
  readonly stream: 'stdout' | 'stderr';
  /** Without the newline. */
  readonly text: Buffer;
  /** The end of a line; a long line comes in several records, and so does what was not ended by a newline. */
  readonly isWhole: boolean;
}

/** Who is given the records of a log. */
export interface LogReader {
  readonly take: (record: LogRecord) => void;
  /** There are no more for now. */
  readonly caughtUp: () => void;
  /** Lines are missing here: they were removed, by a rotation, before they could be read. Told once. */
  readonly missed: () => void;
}

/** The drivers that write a file. */
export function hasLogFile(driver: LogDriver): boolean {
  return driver === 'k8s-file' || driver === 'json-file';
}

/** The container has the standard streams of whoever starts it; nobody can attach to them. */
export function isPassthrough(driver: LogDriver): boolean {
  return driver === 'passthrough' || driver === 'passthrough-tty';
}
