/** Logs in files: the one that is written, and the one before it that a rotation has put aside. */
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { LogReader, LogRecord } from '../model/log.ts';
import {
  closeLogFile,
  isSameFile,
  openLogFiles,
  readRecords,
  seekLastLines,
  type LogFile,
  type LogPlace,
} from '../store/log-file.ts';

/**
 * Read what there is.
 *
 * @param tail only so many lines at the end; undefined: all
 * @returns the newest file, if there is one, read to its end
 */
export function readLogFiles(
  place: LogPlace,
  tail: number | undefined,
  take: (record: LogRecord) => void,
): LogFile | undefined {
  const { older, current } = openLogFiles(place);
  if (tail !== undefined) {
    const found = current === undefined ? 0 : seekLastLines(current, tail);
    if (older) seekLastLines(older, tail - found);
  }
  if (older) give(older, take);
  if (!current) return older;
  if (older) closeLogFile(older);
  give(current, take);
  return current;
}

/** Read on from there at each change until `ended`, and close the file. */
export async function followLogFiles(
  place: LogPlace,
  last: LogFile | undefined,
  { take, caughtUp, ended }: LogReader & { readonly ended: Promise<void> | undefined },
): Promise<void> {
  let open = last;
  const readOn = () => {
    if (open) give(open, take);
    if (open && isSameFile(open, place)) return;
    const { older, current } = openLogFiles(place);
    if (!current) {
      if (older) closeLogFile(older);
      return;
    }
    if (open) giveAndClose(open, take); // What came between the last read and the rotation.
    if (older && older.inode !== open?.inode)
      giveAndClose(older, take); // There were two rotations.
    else if (older) closeLogFile(older);
    open = current;
    give(open, take);
  };
  try {
    const changed = () => {
      readOn();
      caughtUp();
    };
    if (ended !== undefined) await watching(place.path, { changed, ended });
  } finally {
    if (open) closeLogFile(open);
  }
}

/** Call `changed` now, at each change of the file, and once more at the end. */
async function watching(
  path: string,
  { changed, ended }: { readonly changed: () => void; readonly ended: Promise<void> },
): Promise<void> {
  const failure = Promise.withResolvers<never>();
  const watcher = watch(dirname(path), (_, name) => {
    if (name !== basename(path)) return;
    try {
      changed();
    } catch (error) {
      failure.reject(error); // The reader is gone, say.
    }
  });
  try {
    changed();
    await Promise.race([ended, failure.promise]);
    changed();
  } finally {
    watcher.close();
  }
}

function give(file: LogFile, take: (record: LogRecord) => void): void {
  for (const record of readRecords(file)) take(record);
}

function giveAndClose(file: LogFile, take: (record: LogRecord) => void): void {
  try {
    give(file, take);
  } finally {
    closeLogFile(file);
  }
}
