/** `logs`: what containers have written, and what they go on writing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TspodError } from '../../errors.ts';
import { request } from '../../host/control.ts';
import { isDown } from '../../model/container-status.ts';
import { hasLogFile, type LogReader, type LogRecord } from '../../model/log.ts';
import { containerPath, containerRuntimePath } from '../../store/container-paths.ts';
import { readContainer, type Container } from '../../store/containers.ts';
import { readFirstNumber } from '../../store/log-file.ts';
import { openLogInFiles } from './log-files.ts';

/** setTimeout() takes no longer ones: 24 days. */
const MAX_TIMER = 2 ** 31 - 1;

const LOOK_AGAIN_MS = 100;

export interface LogOptions {
  /** Go on until the container ends. */
  readonly follow: boolean;
  /** Only the last lines; undefined: all. */
  readonly tail?: number | undefined;
  /** milliseconds since 1970 */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** A log that has been opened: first its past is read, then it may be followed. */
export interface Log {
  /** What there is, oldest first. */
  readonly past: () => Iterable<LogRecord> | AsyncIterable<LogRecord>;
  /** Read on from there until `ended`. */
  readonly follow: (reader: LogReader, ended: Promise<void>) => Promise<void>;
}

/** A container's log and who reads it. */
export interface LogSource {
  readonly container: Container;
  readonly reader: LogReader;
}

/**
 * Give the records of logs to their readers: of several what there is in the order of time, then what comes as it comes.
 *
 * @throws {TspodError} when a log driver keeps nothing
 */
export async function readLogs(sources: readonly LogSource[], options: LogOptions): Promise<void> {
  const isWanted = timeFilter(options);
  const logs = await Promise.all(
    sources.map(async ({ container, reader }) => {
      const take = (record: LogRecord) => {
        if (isWanted(record)) reader.take(record);
      };
      return { container, log: await openLog(container, options), reader: { ...reader, take } };
    }),
  );
  const [only] = logs;
  if (only && logs.length === 1) {
    await giveAll(only.log.past(), only.reader.take);
  } else {
    const { mergeLogs } = await import('./merge-logs.ts');
    await mergeLogs(logs.map(({ log, reader: { take } }) => ({ past: log.past(), take })));
  }
  if (!options.follow) return;
  await Promise.all(logs.map((each) => followLog(each, options)));
}

async function openLog({ config: { id, name, log } }: Container, options: LogOptions): Promise<Log> {
  if (log.driver === 'journald') {
    const { openLogInJournal } = await import('./log-journal.ts');
    return openLogInJournal(id, options);
  }
  if (!hasLogFile(log.driver)) {
    throw new TspodError(`the container "${name}" keeps no log: its log driver is ${log.driver}`, {
      remedy: `Create it with another: --log-driver k8s-file`,
    });
  }
  const place =
    log.path === undefined
      ? { path: containerPath(id, 'ctr.log') }
      : { path: log.path, first: readFirstNumber(containerPath(id)) };
  return await openLogInFiles({ ...place, driver: log.driver }, options);
}

async function giveAll(
  records: Iterable<LogRecord> | AsyncIterable<LogRecord>,
  take: (record: LogRecord) => void,
): Promise<void> {
  // Awaiting records that are there costs more than reading them.
  if (Symbol.iterator in records) for (const record of records) take(record);
  else for await (const record of records) take(record);
}

async function followLog(
  { container, log, reader }: LogSource & { readonly log: Log },
  { untilMs }: LogOptions,
): Promise<void> {
  const over = new AbortController(); // What waits for the end keeps nobody here when the reader is gone.
  const leftMs = Math.max(0, (untilMs ?? 0) - Date.now());
  const timer = untilMs === undefined ? undefined : setTimeout(() => over.abort(), Math.min(leftMs, MAX_TIMER));
  try {
    await log.follow(reader, untilEnded(container, over.signal));
  } finally {
    over.abort();
    clearTimeout(timer);
  }
}

/** A container that its monitor starts again has not ended. */
async function untilEnded({ config: { id } }: Container, over: AbortSignal): Promise<void> {
  for (let now = readContainer(id); now && !over.aborted; now = readContainer(id)) {
    if (isDown(now.status)) return;
    const frames = await request(containerRuntimePath(id), [['wait']], over);
    if (frames === undefined) await sleep(LOOK_AGAIN_MS); // It begins or ends, or cannot be reached.
    for await (const { type } of frames ?? []) if (type === 'x') break;
  }
}

/** The times of one format sort as their text does. */
function timeFilter({ sinceMs, untilMs }: LogOptions): (record: LogRecord) => boolean {
  if (sinceMs === undefined && untilMs === undefined) return () => true;
  const bound = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 23);
  const since = sinceMs === undefined ? '' : bound(sinceMs);
  const until = untilMs === undefined ? '~' : bound(untilMs);
  return ({ time }) => {
    const text = time.toString('latin1', 0, 23);
    return text >= since && text <= until;
  };
}
