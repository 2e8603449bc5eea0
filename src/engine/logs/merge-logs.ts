/** Several logs as one. */
import type { LogRecord } from '../../model/log.ts';

/** Records in the order of their times, and who takes them. */
export interface MergeInput {
  readonly past: Iterable<LogRecord> | AsyncIterable<LogRecord>;
  readonly take: (record: LogRecord) => void;
}

interface Head {
  readonly rest: Iterator<LogRecord> | AsyncIterator<LogRecord>;
  readonly take: (record: LogRecord) => void;
  record: LogRecord;
}

/** Give all records to their takers in the order of time; the pieces of a line stay together. */
export async function mergeLogs(inputs: readonly MergeInput[]): Promise<void> {
  const heads: Head[] = [];
  for (const { past, take } of inputs) {
    const rest = Symbol.iterator in past ? past[Symbol.iterator]() : past[Symbol.asyncIterator]();
    const first = await rest.next();
    if (first.done !== true) heads.push({ rest, take, record: first.value });
  }
  for (let head = earliest(heads); head; head = earliest(heads)) {
    for (let isWhole = false; !isWhole;) {
      head.take(head.record);
      isWhole = head.record.isWhole;
      const next = await head.rest.next();
      if (next.done === true) heads.splice(heads.indexOf(head), 1);
      if (next.done === true) break;
      head.record = next.value;
    }
  }
}

function earliest(heads: readonly Head[]): Head | undefined {
  return heads.reduce<Head | undefined>(
    (first, head) => (first && Buffer.compare(first.record.time, head.record.time) <= 0 ? first : head),
    undefined,
  );
}
