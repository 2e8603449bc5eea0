/** The last lines of a log, found from its end. Between the pieces of a line there may be lines of the other stream. */
import type { LogRecord } from './log.ts';

/** So many records of one stream are gone back through for a piece of the other's line: enough for a line of 8 MiB. */
const LOOK_BACK = 1024;

/** Told the records of a log from the newest on, tells which belong to the last lines: those that ended last. */
export class LastLines {
  readonly #wanted: number;
  readonly #seen = new Set<LogRecord['stream']>();
  #found = 0;
  /** What all wanted lines ended after, and from which on only this stream may have pieces of one. */
  #open: LogRecord['stream'] | undefined;
  #lookedBack = 0;
  #isOver = false;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  /** No record that is older belongs to them. */
  get isOver(): boolean {
    return this.#isOver;
  }

  has({ stream, isWhole }: LogRecord): boolean {
    if (this.#open !== undefined) return this.#hasPiece(stream, isWhole);
    const isEnd = isWhole || !this.#seen.has(stream); // What comes first of a stream may be a line without its end.
    this.#seen.add(stream);
    if (!isEnd) return true;
    this.#found += 1;
    if (this.#found <= this.#wanted) return true;
    const other = stream === 'stdout' ? 'stderr' : 'stdout';
    this.#open = other;
    this.#isOver = !this.#seen.has(other);
    return false;
  }

  #hasPiece(stream: LogRecord['stream'], isWhole: boolean): boolean {
    if (stream === this.#open) {
      this.#isOver = isWhole; // It ends the line before.
      return !isWhole;
    }
    this.#lookedBack += 1;
    this.#isOver = this.#lookedBack === LOOK_BACK;
    return false;
  }
}
