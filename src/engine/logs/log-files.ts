/** Logs in files: the one that is written, and those before it that rotations have put aside. */
import { basename, dirname } from 'node:path';
import { watchDirectory } from '../../host/watch.ts';
import type { LogReader, LogRecord } from '../../model/log.ts';
import {
  closeLogFile,
  isCurrentLogFile,
  numberBefore,
  openLogFiles,
  openNextLogFile,
  type LogFile,
  type LogPlace,
} from '../../store/log-file.ts';
import { readRecords, seekLastLines } from '../../store/log-records.ts';
import type { Log } from './logs.ts';

/** @param tail only so many lines at the end; undefined: all */
export async function openLogInFiles(
  place: LogPlace,
  { tail, follow }: { readonly tail?: number | undefined; readonly follow: boolean },
): Promise<Log> {
  const keep = follow ? await keeper() : () => undefined;
  const files = openLogFiles(place);
  const last = files.at(-1);
  if (last) keep(last);
  const pieces = tail === undefined ? [] : seekLastLines(files, tail);
  return {
    past: () => readAll(pieces, files),
    follow: (reader, ended) => followLogFiles(place, { last, keep }, reader, ended),
  };
}

/** Have the monitor keep a file, and those after it, while it is open here: native/lib/logfile.c. */
async function keeper(): Promise<(file: LogFile) => void> {
  const { tryLockShared } = await import('../../host/ffi/libc.ts');
  return ({ fd }) => {
    try {
      tryLockShared(fd);
    } catch {
      // A file system without locks: files go when they are too many.
    }
  };
}

/** What there is. The newest file stays open. */
function* readAll(pieces: readonly LogRecord[], files: readonly LogFile[]): Generator<LogRecord> {
  yield* pieces;
  for (const file of files) {
    for (const record of readRecords(file)) yield record;
    if (file !== files.at(-1)) closeLogFile(file);
  }
}

/** Read on from there at each change until `ended`. */
async function followLogFiles(
  place: LogPlace,
  { last, keep }: { readonly last: LogFile | undefined; readonly keep: (file: LogFile) => void },
  { take, caughtUp, missed }: LogReader,
  ended: Promise<void>,
): Promise<void> {
  let open = last;
  let hasMissed = false;
  const give = () => {
    if (open) for (const record of readRecords(open)) take(record);
  };
  const step = () => {
    if (open && isCurrentLogFile(open, place)) return false;
    give(); // What came between the last read and the rotation.
    const next = openNextLogFile(place, open?.number ?? numberBefore(place));
    if (!next.file) return false;
    if (next.missed > 0 && !hasMissed) missed();
    hasMissed ||= next.missed > 0;
    keep(next.file); // Before the one that it comes after is let go.
    if (open) closeLogFile(open);
    open = next.file;
    return true;
  };
  const changed = () => {
    do give();
    while (step());
    caughtUp();
  };
  try {
    await watching(place.path, { changed, ended });
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
  const watched = watchDirectory(dirname(path), (name = basename(path)) => {
    try {
      if (name === basename(path)) changed();
    } catch (error) {
      failure.reject(error); // The reader is gone, say.
    }
  });
  try {
    changed();
    await Promise.race([ended, failure.promise]);
    changed();
  } finally {
    watched[Symbol.dispose]();
  }
}
