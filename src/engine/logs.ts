/** `logs`: what a container has written, and what it goes on writing. */
import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { TspodError } from '../errors.ts';
import { containerPath, readContainer, type Container } from '../store/containers.ts';
import {
  closeLogFile,
  isSameFile,
  openLogFile,
  readRecords,
  seekLastLines,
  type LogFile,
  type LogRecord,
} from '../store/log-file.ts';
import { waitForContainer } from './stop.ts';

export type { LogRecord } from '../store/log-file.ts';

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
  { follow, tail, sinceMs, untilMs }: LogOptions,
  take: (record: LogRecord) => void,
): Promise<void> {
  const { driver, path = containerPath(container.config.id, 'ctr.log') } = container.config.log;
  if (driver === 'none' || driver === 'passthrough') {
    throw new TspodError(`the container "${container.config.name}" keeps no log: its log driver is ${driver}`, {
      remedy: `Create it with another: --log-driver k8s-file`,
    });
  }
  const isWanted = timeFilter(sinceMs, untilMs);
  const give = (file: LogFile) => {
    for (const record of readRecords(file)) if (isWanted(record)) take(record);
  };
  // Opened together: a rotation in between would lose the newer one.
  const current = openLogFile(path, driver);
  const older = openLogFile(`${path}.1`, driver);
  if (tail !== undefined) {
    const found = current === undefined ? 0 : seekLastLines(current, tail);
    if (older) seekLastLines(older, tail - found);
  }
  if (older) {
    give(older);
    closeLogFile(older);
  }
  if (current) give(current);
  if (follow) await followLog(container, { path, file: current ?? openLogFile(path, driver) }, give);
  else if (current) closeLogFile(current);
}

/** Read on at each change of the directory until the container has ended. */
async function followLog(
  container: Container,
  { path, file }: { readonly path: string; readonly file: LogFile | undefined },
  give: (file: LogFile) => void,
): Promise<void> {
  let open = file;
  const driver = container.config.log.driver;
  const readOn = () => {
    open ??= openLogFile(path, driver);
    if (!open) return;
    give(open);
    if (isSameFile(open, path)) return;
    give(open); // What came between the last read and the rotation.
    closeLogFile(open);
    open = openLogFile(path, driver);
    if (open) give(open);
  };
  let failure: unknown;
  const watcher = watch(dirname(path), () => {
    try {
      readOn();
    } catch (error) {
      failure = error;
      watcher.close();
    }
  });
  try {
    readOn();
    await untilEnded(container);
    if (failure !== undefined) throw failure as Error;
    readOn();
  } finally {
    watcher.close();
    if (open) closeLogFile(open);
  }
}

/** A container that its monitor starts again has not ended. */
async function untilEnded(container: Container): Promise<void> {
  for (let now: Container | undefined = container; now; now = readContainer(container.config.id)) {
    if (now.status === 'created' || now.status === 'exited' || now.status === 'unknown') return;
    await waitForContainer(now);
  }
}

/** The times of one format sort as their text does. */
function timeFilter(sinceMs: number | undefined, untilMs: number | undefined): (record: LogRecord) => boolean {
  if (sinceMs === undefined && untilMs === undefined) return () => true;
  const bound = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 23);
  const since = sinceMs === undefined ? '' : bound(sinceMs);
  const until = untilMs === undefined ? '~' : bound(untilMs);
  return ({ time }) => {
    const text = time.toString('latin1', 0, 23);
    return text >= since && text <= until;
  };
}
