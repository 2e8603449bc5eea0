/** Logs in the journal. */
import { readJournal, type JournalRecord } from '../../host/journal.ts';
import type { ContainerId } from '../../model/container-config.ts';
import { LastLines } from '../../model/last-lines.ts';
import type { LogReader, LogRecord } from '../../model/log.ts';
import type { Log, LogOptions } from './logs.ts';

/** What a container has written to the journal. */
export function openLogInJournal(id: ContainerId, options: LogOptions): Log {
  const { follow: isFollowed, tail, ...times } = options;
  let last: string | undefined;
  async function* past(): AsyncGenerator<LogRecord> {
    const records =
      tail === undefined ? readJournal({ id, order: 'oldest first', ...times }) : await readLastLines(id, options);
    for await (const record of records) {
      last = record.cursor;
      yield record;
    }
    if (isFollowed && tail === 0) last = await newestCursor(id);
  }
  async function follow({ take, caughtUp }: LogReader, ended: Promise<void>): Promise<void> {
    const end = new AbortController();
    void ended.finally(() => end.abort());
    const give = (record: JournalRecord) => {
      last = record.cursor;
      take(record);
    };
    caughtUp();
    for await (const record of readJournal({ id, order: 'oldest first', follow: end.signal, after: last, ...times })) {
      give(record);
      caughtUp();
    }
    for await (const record of readJournal({ id, order: 'oldest first', after: last, ...times })) give(record);
  }
  return { past, follow };
}

async function readLastLines(id: ContainerId, { tail = 0, sinceMs, untilMs }: LogOptions): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  const lines = new LastLines(tail);
  for await (const record of readJournal({ id, order: 'newest first', sinceMs, untilMs })) {
    if (lines.has(record)) records.push(record);
    if (lines.isOver) break;
  }
  return records.reverse();
}

async function newestCursor(id: ContainerId): Promise<string | undefined> {
  for await (const { cursor } of readJournal({ id, order: 'newest first' })) return cursor;
  return undefined;
}
