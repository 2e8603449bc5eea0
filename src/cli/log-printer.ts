/** Records of a log on the terminal: each stream on its own, in large pieces. */
import { writeError, writeOut } from './output.ts';

interface Printable {
  readonly time: Buffer;
  readonly stream: 'stdout' | 'stderr';
  readonly text: Buffer;
  readonly isWhole: boolean;
}

export interface PrinterOptions {
  /** Before each line, without the blank after it: a name or an id. */
  readonly prefix: string;
  readonly timestamps: boolean;
}

const BUFFER = 1 << 17;

/** Collects output; `flush` writes what is left. */
export class LogPrinter {
  readonly #prefix: Buffer;
  readonly #timestamps: boolean;
  readonly #buffer = Buffer.allocUnsafe(BUFFER);
  #used = 0;
  #stream: Printable['stream'] = 'stdout';
  #isLineStart = true;

  constructor({ prefix, timestamps }: PrinterOptions) {
    this.#prefix = Buffer.from(prefix === '' ? '' : `${prefix} `);
    this.#timestamps = timestamps;
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  print({ time, stream, text, isWhole }: Printable): void {
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    if (this.#isLineStart && this.#prefix.length > 0) this.#put(this.#prefix);
    if (this.#isLineStart && this.#timestamps) {
      this.#put(time);
      this.#put(BLANK);
    }
    this.#put(text);
    if (isWhole) this.#put(NEWLINE);
    this.#isLineStart = isWhole;
  }

  flush(): void {
    const text = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (text.length === 0) return;
    if (this.#stream === 'stdout') writeOut(text);
    else writeError(text);
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
const NEWLINE = Buffer.from('\n');
