/** Records of a log on the terminal: each stream on its own, in large pieces. */
import { writeError, writeOut } from './output.ts';

interface Printable {
  readonly time: Buffer;
  readonly stream: 'stdout' | 'stderr';
  readonly text: Buffer;
  readonly isWhole: boolean;
}

/** One of the logs that a printer prints. */
export interface PrintedLog {
  /** Before each line, without the blank after it: a name or an id. */
  readonly prefix: string;
  /** Which of the colours; missing: none. */
  readonly color?: number | undefined;
}

/** Podman's, in its order: light gray, red, yellow, blue, magenta, cyan, green. */
const COLORS = [37, 31, 33, 34, 35, 36, 32];
const RESET = Buffer.from('\x1b[0m');
const UTC = Buffer.from('+00:00');

const BUFFER = 1 << 17;

/** Collects output; `flush` writes what is left. */
export class LogPrinter {
  readonly #timestamps: boolean;
  readonly #buffer = Buffer.allocUnsafe(BUFFER);
  #used = 0;
  #stream: Printable['stream'] = 'stdout';

  constructor({ timestamps }: { readonly timestamps: boolean }) {
    this.#timestamps = timestamps;
  }

  /** @returns what prints a record of that log */
  add({ prefix, color }: PrintedLog): (record: Printable) => void {
    const isLineStart = { stdout: true, stderr: true };
    const name = Buffer.from(prefix === '' ? '' : `${prefix} `);
    const start = color === undefined ? undefined : Buffer.from(`\x1b[${String(COLORS[color % COLORS.length])}m`);
    return ({ time, stream, text, isWhole }) => {
      if (stream !== this.#stream) this.flush();
      this.#stream = stream;
      if (start) this.#put(start);
      if (isLineStart[stream] && name.length > 0) this.#put(name);
      if (isLineStart[stream] && this.#timestamps) this.#putTime(time);
      this.#put(text);
      if (start) this.#put(RESET);
      if (isWhole) this.#put(NEWLINE);
      isLineStart[stream] = isWhole;
    };
  }

  flush(): void {
    const text = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (text.length === 0) return;
    if (this.#stream === 'stdout') writeOut(text);
    else writeError(text);
  }

  /** As Go writes it: UTC is Z. */
  #putTime(time: Buffer): void {
    const isUtc = time.subarray(-UTC.length).equals(UTC);
    this.#put(isUtc ? time.subarray(0, -UTC.length) : time);
    this.#put(isUtc ? ZULU : BLANK);
  }

  #put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#used === BUFFER) this.flush();
      const copied = bytes.copy(this.#buffer, this.#used, at);
      this.#used += copied;
      at += copied;
    }
  }
}

const BLANK = Buffer.from(' ');
const ZULU = Buffer.from('Z ');
const NEWLINE = Buffer.from('\n');
