/** The log of a container, as the monitor writes it: a line a record, and one older file beside it after a rotation. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { hasCode, TspodError } from '../errors.ts';
import type { LogDriver, LogRecord } from '../model/log.ts';

/** Where a log is, and in which form. */
export interface LogPlace {
  readonly path: string;
  readonly driver: LogDriver;
}

/** An open log file and how far it has been read. */
export interface LogFile {
  readonly fd: number;
  readonly inode: number;
  readonly driver: LogDriver;
  position: number;
}

const CHUNK = 1 << 20;
const NEWLINE = 0x0a;
const SPACE = 0x20;
/** More rotations than these do not happen between two system calls. */
const ATTEMPTS = 100;

/** Open the file that is being written and the one before it, as they were at one moment. */
export function openLogFiles(place: LogPlace): { readonly older?: LogFile; readonly current?: LogFile } {
  for (let attempt = 0; ; attempt += 1) {
    const current = openLogFile(place);
    const older = openLogFile({ ...place, path: `${place.path}.1` });
    const isSettled = current === undefined ? older === undefined : isSameFile(current, place);
    if (isSettled || attempt === ATTEMPTS) return { ...(older && { older }), ...(current && { current }) };
    for (const file of [older, current]) if (file) closeLogFile(file);
  }
}

export function closeLogFile({ fd }: LogFile): void {
  closeSync(fd);
}

/** Whether the file is the one that the path leads to now, or none does: the rotation is not over then. */
export function isSameFile({ inode }: LogFile, { path }: LogPlace): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now === undefined || now.ino === inode;
}

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
 * @returns how many lines there are from there on: fewer than asked for when the file has no more
 */
export function seekLastLines(file: LogFile, count: number): number {
  const { size } = fstatSync(file.fd);
  if (count === 0) file.position = size;
  if (count === 0) return 0;
  for (let window = 64 * 1024; ; window *= 4) {
    const start = Math.max(0, size - window);
    const starts = lineStarts({ ...file, position: start }, start === 0);
    if (starts.length >= count || start === 0) {
      file.position = starts.at(-count) ?? starts[0] ?? size;
      return Math.min(starts.length, count);
    }
  }
}

/** Where whole lines begin; when the window does not begin with one, its first records belong to nothing we know. */
function lineStarts(file: LogFile, isAtLineStart: boolean): number[] {
  const decode = file.driver === 'json-file' ? decodeJson : decodeK8s;
  const starts: number[] = [];
  let isStart = isAtLineStart;
  let isFirst = true;
  let at = file.position;
  for (const line of readLines(file)) {
    const record = isFirst && !isAtLineStart ? undefined : decode(line);
    isFirst = false;
    if (isStart) starts.push(at);
    if (record) isStart = record.isWhole;
    at += line.length + 1;
  }
  return starts;
}

/** Undefined when there is none. */
function openLogFile({ path, driver }: LogPlace): LogFile | undefined {
  try {
    const fd = openSync(path, 'r');
    return { fd, inode: fstatSync(fd).ino, driver, position: 0 };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new TspodError(`cannot read the log "${path}": ${(error as Error).message}`, { cause: error });
  }
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
