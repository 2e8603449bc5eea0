/** `logs`: what a container has written, and what it goes on writing. */
import { TspodError } from '../errors.ts';
import { request } from '../host/control.ts';
import { hasLogFile, type LogReader, type LogRecord } from '../model/log.ts';
import { containerPath, containerRuntimePath, readContainer, type Container } from '../store/containers.ts';
import { followLogFiles, readLogFiles } from './log-files.ts';

/** setTimeout() takes no longer ones: 24 days. */
const MAX_TIMER = 2 ** 31 - 1;

export interface LogOptions {
  /** Go on until the container ends. */
  readonly follow: boolean;
  /** Only the last lines; undefined: all. */
  readonly tail?: number | undefined;
  /** milliseconds since 1970 */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/**
 * Give the records of a container's log to a reader, oldest first.
 *
 * @throws {TspodError} when the log driver keeps nothing
 */
export async function readLogs(container: Container, options: LogOptions, reader: LogReader): Promise<void> {
  const over = new AbortController(); // What waits for the end keeps nobody here when the reader is gone.
  const rest = options.untilMs === undefined ? undefined : options.untilMs - Date.now();
  const timer =
    options.follow && rest !== undefined ? setTimeout(() => over.abort(), Math.min(rest, MAX_TIMER)) : undefined;
  try {
    await readLogsUntil(container, options, { ...reader, over: over.signal });
  } finally {
    over.abort();
    clearTimeout(timer);
  }
}

async function readLogsUntil(
  container: Container,
  options: LogOptions,
  { take, caughtUp, over }: LogReader & { readonly over: AbortSignal },
): Promise<void> {
  const { id, name, log } = container.config;
  if (log.driver === 'journald') {
    const { readJournalLog } = await import('./log-journal.ts');
    await readJournalLog(id, options, { take, caughtUp, ended: () => untilEnded(container, over) });
    return;
  }
  if (!hasLogFile(log.driver)) {
    throw new TspodError(`the container "${name}" keeps no log: its log driver is ${log.driver}`, {
      remedy: `Create it with another: --log-driver k8s-file`,
    });
  }
  const place = { path: log.path ?? containerPath(id, 'ctr.log'), driver: log.driver };
  const isWanted = timeFilter(options);
  const give = (record: LogRecord) => {
    if (isWanted(record)) take(record);
  };
  const last = readLogFiles(place, options.tail, give);
  caughtUp();
  await followLogFiles(place, last, {
    take: give,
    caughtUp,
    ended: options.follow ? untilEnded(container, over) : undefined,
  });
}

/** A container that its monitor starts again has not ended. */
async function untilEnded({ config: { id } }: Container, over: AbortSignal): Promise<void> {
  for (let now = readContainer(id); now && !over.aborted; now = readContainer(id)) {
    if (now.status === 'created' || now.status === 'exited' || now.status === 'unknown') return;
    const frames = await request(containerRuntimePath(id), [['wait']], over);
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
