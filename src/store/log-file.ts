/** A log as the monitor writes it: `PATH`, and what rotations have put aside, `PATH.1` and on; numbers only grow. */
import { closeSync, fstatSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';
import type { LogDriver } from '../model/log.ts';

/** Where a log is, and in which form. */
export interface LogPlace {
  readonly path: string;
  readonly driver: LogDriver;
  /** Where others have files beside it: those from this number on are the log's. */
  readonly first?: number | undefined;
}

/** An open log file and how far it has been read. */
export interface LogFile {
  readonly fd: number;
  readonly inode: number;
  /** The one it has, or will have, when it is put aside. */
  readonly number: number;
  readonly driver: LogDriver;
  position: number;
}

/** The number that a monitor has noted for a log elsewhere: `log.numbers` -> `7-12` in the container's directory. */
export function readFirstNumber(directory: string): number {
  try {
    return Number.parseInt(readlinkSync(join(directory, 'log.numbers')), 10);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return Infinity; // It was never started: nothing is its.
    throw error;
  }
}

/** More rotations than these do not happen between a few system calls. */
const ATTEMPTS = 100;

/** Open all files of a log, the oldest first. */
export function openLogFiles(place: LogPlace): LogFile[] {
  let files: LogFile[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const numbers = listNumbers(place);
    const older = numbers.map((number) => openLogFile(place, number));
    const newest = numbers.at(-1) ?? numberBefore(place);
    const current = openLogFile(place, newest + 1, place.path);
    files = [...older, current].filter((file) => file !== undefined);
    const now = listNumbers(place);
    if (now.length === numbers.length && (now.at(-1) ?? numberBefore(place)) === newest) return files;
    files.forEach(closeLogFile);
  }
  throw new TspodError(`the log "${place.path}" is rotated faster than it can be opened`, {
    remedy: 'Give a new container larger files: --log-opt max-size=10m',
  });
}

/**
 * Open the file that follows one that was put aside under this number.
 *
 * @returns no file: it is not there yet; how many files in between have been removed
 */
export function openNextLogFile(
  place: LogPlace,
  number: number,
): { readonly file: LogFile | undefined; readonly missed: number } {
  for (;;) {
    const next = openLogFile(place, number + 1);
    if (next) return { file: next, missed: 0 };
    const current = openLogFile(place, number + 1, place.path);
    const isLater = (one: number) => one > number;
    if (!listNumbers(place).some(isLater)) return { file: current, missed: 0 };
    if (current) closeLogFile(current); // It was put aside meanwhile, or is a later one.
    // A list that is made while files are renamed may lack one and have a later one; the next has both: readdir(3).
    const oldest = listNumbers(place).find(isLater);
    const file = oldest === undefined ? undefined : openLogFile(place, oldest);
    if (file) return { file, missed: file.number - number - 1 };
  }
}

/** No more of it is read. */
export function closeLogFile({ fd }: LogFile): void {
  closeSync(fd);
}

/** Whether the file is the one that the path leads to now, or none does: the rotation is not over then. */
export function isCurrentLogFile({ inode }: LogFile, { path }: LogPlace): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now === undefined || now.ino === inode;
}

/** Of what comes before the first file. */
export function numberBefore({ first = 1 }: LogPlace): number {
  return first - 1;
}

/** Undefined when there is none. */
function openLogFile(
  { path, driver }: LogPlace,
  number: number,
  name = `${path}.${String(number)}`,
): LogFile | undefined {
  try {
    const fd = openSync(name, 'r');
    return { fd, inode: fstatSync(fd).ino, number, driver, position: 0 };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new TspodError(`cannot read the log "${name}": ${(error as Error).message}`, { cause: error });
  }
}

/** Of the files that were put aside, in their order. */
function listNumbers({ path, first = 1 }: LogPlace): number[] {
  const prefix = `${basename(path)}.`;
  return readNames(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,9}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .filter((number) => number >= first)
    .sort((a, b) => a - b);
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw new TspodError(`cannot read the log in "${folder}": ${(error as Error).message}`, { cause: error });
  }
}
