/** Logs in the journal. */
import { readJournal, type JournalRecord } from '../host/journal.ts';
import type { ContainerId } from '../model/container-config.ts';
import type { LogReader } from '../model/log.ts';
import type { LogOptions } from './logs.ts';

interface Reader extends LogReader {
  /** Resolves when the container has ended. */
  readonly ended: () => Promise<void>;
}

/** Give the records of a container to `take`, oldest first. */
export async function readJournalLog(
  id: ContainerId,
  options: LogOptions,
  { take, caughtUp, ended }: Reader,
): Promise<void> {
  const { follow, tail, ...times } = options;
  let last: string | undefined;
  const give = (record: JournalRecord) => {
    last = record.cursor;
    take(record);
  };
  if (tail !== undefined) {
    for (const record of await readLastLines(id, options)) give(record);
    if (!follow) return;
    last ??= await newestCursor(id);
  }
  if (follow) {
    const end = new AbortController();
    void ended().finally(() => end.abort());
    for await (const record of readJournal({ id, order: 'oldest first', follow: end.signal, after: last, ...times })) {
      give(record);
      caughtUp();
    }
  }
  for await (const record of readJournal({ id, order: 'oldest first', after: last, ...times })) give(record);
}

async function readLastLines(id: ContainerId, { tail = 0, sinceMs, untilMs }: LogOptions): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  let lines = 0;
  if (tail === 0) return records;
  for await (const record of readJournal({ id, order: 'newest first', sinceMs, untilMs })) {
    if (records.length === 0 || record.isWhole) lines += 1; // Going back, the end of a line comes first.
    if (lines > tail) break;
    records.push(record);
  }
  return records.reverse();
}

async function newestCursor(id: ContainerId): Promise<string | undefined> {
  for await (const { cursor } of readJournal({ id, order: 'newest first' })) return cursor;
  return undefined;
}
