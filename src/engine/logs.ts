/** `logs`: what a container has written, and what it goes on writing. */
import { TspodError } from '../errors.ts';
import { hasLogFile, type LogRecord } from '../model/log.ts';
import { containerPath, readContainer, type Container } from '../store/containers.ts';
import { followLogFiles, readLogFiles } from './log-files.ts';
import { waitForContainer } from './stop.ts';

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
 * Give the records of a container's log to `take`, oldest first.
 *
 * @throws {TspodError} when the log driver keeps nothing
 */
export async function readLogs(
  container: Container,
  options: LogOptions,
  take: (record: LogRecord) => void,
): Promise<void> {
  const { id, name, log } = container.config;
  if (log.driver === 'journald') {
    const { readJournalLog } = await import('./log-journal.ts');
    await readJournalLog(id, options, { take, ended: () => untilEnded(container) });
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
  await followLogFiles(place, last, { take: give, ended: options.follow ? untilEnded(container) : undefined });
}

/** A container that its monitor starts again has not ended. */
async function untilEnded(container: Container): Promise<void> {
  for (let now: Container | undefined = container; now; now = readContainer(container.config.id)) {
    if (now.status === 'created' || now.status === 'exited' || now.status === 'unknown') return;
    await waitForContainer(now);
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
