/** What is in a log file: a line a record. */
import { fstatSync, readSync } from 'node:fs';
import type { LogRecord } from '../model/log.ts';
import type { LogFile } from './log-file.ts';

const CHUNK = 1 << 20;
const NEWLINE = 0x0a;
const SPACE = 0x20;
/** bytes */
const FIRST_WINDOW = 64 * 1024;

/** Read the records from where the file was left to its end; a line that is being written stays for the next time. */
export function* readRecords(file: LogFile): Generator<LogRecord> {
  const decode = file.driver === 'json-file' ? decodeJson : decodeK8s;
  for (const line of readLines(file)) {
    const record = decode(line);
    if (record) yield record;
  }
}

/**
 * Move to where the last lines begin.
 *
 * @param before the file before it, in which its first line may begin
 * @returns how many lines begin from there on: fewer than asked for when no more begin in the file
 */
export function seekLastLines(file: LogFile, count: number, before?: LogFile): number {
  const { size } = fstatSync(file.fd);
  if (count === 0) file.position = size;
  if (count === 0) return 0;
  for (let window = FIRST_WINDOW; ; window *= 4) {
    const start = Math.max(0, size - window);
    const beginning = start > 0 ? 'anywhere' : before && endsWithinLine(before) ? 'within a line' : 'line';
    const starts = lineStarts({ ...file, position: start }, beginning);
    if (starts.length >= count || start === 0) {
      file.position = starts.at(-count) ?? 0;
      return Math.min(starts.length, count);
    }
  }
}

/** No record is longer than this. */
function endsWithinLine(file: LogFile): boolean {
  const start = Math.max(0, fstatSync(file.fd).size - FIRST_WINDOW);
  const [last] = [...readRecords({ ...file, position: start })].slice(-1);
  return last?.isWhole === false;
}

/** Where whole lines begin; a window that begins anywhere may begin with half a record. */
function lineStarts(file: LogFile, beginning: 'anywhere' | 'line' | 'within a line'): number[] {
  const decode = file.driver === 'json-file' ? decodeJson : decodeK8s;
  const starts: number[] = [];
  let isStart = beginning === 'line';
  let isTorn = beginning === 'anywhere';
  let at = file.position;
  for (const line of readLines(file)) {
    const record = isTorn ? undefined : decode(line);
    isTorn = false;
    if (isStart) starts.push(at);
    if (record) isStart = record.isWhole;
    at += line.length + 1;
  }
  return starts;
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
