/** What is in a log file: a line a record. */
import { fstatSync, readSync } from 'node:fs';
import { LastLines } from '../model/last-lines.ts';
import type { LogRecord } from '../model/log.ts';
import type { LogFile } from './log-file.ts';

/** bytes */
const CHUNK = 1 << 20;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const FIRST_CHUNK = 64 * 1024;

/** Read the records from where the file was left to its end; a line that is being written stays for the next time. */
export function* readRecords(file: LogFile): Generator<LogRecord> {
  const decode = decoder(file);
  for (const line of readLines(file)) {
    const record = decode(line);
    if (record) yield record;
  }
}

/**
 * Move to where the last lines begin.
 *
 * @param files oldest first
 * @returns what of the last lines is before that: pieces of one, among lines of the other stream
 */
export function seekLastLines(files: readonly LogFile[], count: number): LogRecord[] {
  const lines = new LastLines(count);
  const pieces: LogRecord[] = [];
  let isFound = false;
  for (const [index, file] of [...files.entries()].reverse()) {
    for (const { record, end } of readRecordsBack(file)) {
      const isWanted = lines.has(record);
      if (isFound && isWanted) pieces.push(record);
      if (!isFound && !isWanted) {
        isFound = true;
        file.position = end;
        for (const older of files.slice(0, index)) older.position = fstatSync(older.fd).size;
      }
      if (lines.isOver) return pieces.reverse();
    }
  }
  return pieces.reverse();
}

/** From the last that is complete to the first, and where each ends. */
function* readRecordsBack(file: LogFile): Generator<{ readonly record: LogRecord; readonly end: number }> {
  const decode = decoder(file);
  for (const { line, end } of readLinesBack(file)) {
    const record = decode(line);
    if (record) yield { record, end };
  }
}

function* readLinesBack({ fd }: LogFile): Generator<{ readonly line: Buffer; readonly end: number }> {
  let start = fstatSync(fd).size;
  let text = Buffer.alloc(0); // What is known from `start` on and has not been given.
  for (let size = FIRST_CHUNK; start > 0; size = CHUNK) {
    const chunk = Buffer.allocUnsafe(Math.min(size, start));
    start -= chunk.length;
    text = Buffer.concat([chunk.subarray(0, readSync(fd, chunk, 0, chunk.length, start)), text]);
    let end = newlineBefore(text, text.length);
    for (let before = newlineBefore(text, end); before >= 0; before = newlineBefore(text, end)) {
      yield { line: text.subarray(before + 1, end), end: start + end + 1 };
      end = before;
    }
    text = text.subarray(0, end + 1);
    if (start === 0 && end >= 0) yield { line: text.subarray(0, end), end: end + 1 };
  }
}

/** -1 when there is none. */
function newlineBefore(text: Buffer, end: number): number {
  return end > 0 ? text.lastIndexOf(NEWLINE, end - 1) : -1;
}

function* readLines(file: LogFile): Generator<Buffer> {
  let rest = Buffer.alloc(0);
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const length = readSync(file.fd, chunk, 0, CHUNK, file.position + rest.length);
    if (length === 0) return;
    const text = rest.length === 0 ? chunk.subarray(0, length) : Buffer.concat([rest, chunk.subarray(0, length)]);
    let from = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, from)) {
      const line = text.subarray(from, end);
      from = end + 1;
      file.position += line.length + 1;
      yield line;
    }
    rest = text.subarray(from);
  }
}

function decoder({ driver }: LogFile): (line: Buffer) => LogRecord | undefined {
  return driver === 'json-file' ? decodeJson : decodeK8s;
}

/** `2026-11-20T10:00:00.000000000+00:00 stdout F text` */
function decodeK8s(line: Buffer): LogRecord | undefined {
  const space = line.indexOf(SPACE);
  if (space < 0 || line.length < space + 10) return undefined;
  return {
    time: line.subarray(0, space),
    stream: line[space + 4] === 0x65 ? 'stderr' : 'stdout', // The e of stderr.
    isWhole: line[space + 8] === 0x46, // F
    text: line.subarray(space + 10),
  };
}

/** `{"log":"text\n","stream":"stdout","time":"2026-11-20T10:00:00.000000000Z"}` */
function decodeJson(line: Buffer): LogRecord | undefined {
  let record: { log?: unknown; stream?: unknown; time?: unknown };
  try {
    record = JSON.parse(line.toString()) as typeof record;
  } catch {
    return undefined; // The disk was full in the middle of it.
  }
  const text = typeof record.log === 'string' ? record.log : '';
  const isWhole = text.endsWith('\n');
  return {
    time: Buffer.from(typeof record.time === 'string' ? record.time : ''),
    stream: record.stream === 'stderr' ? 'stderr' : 'stdout',
    isWhole,
    text: Buffer.from(isWhole ? text.slice(0, -1) : text),
  };
}
