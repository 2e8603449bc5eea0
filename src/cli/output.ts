/** Standard output and standard error, written at once: Node's own streams cost 2 ms to set up. */
import { writeSync } from 'node:fs';
import { UsageError } from '../errors.ts';

/** Write to standard output: the result of a command and nothing else. */
export function writeOut(text: string | Uint8Array): void {
  writeAll(1, text);
}

/** Write to standard error: words for a person. */
export function writeError(text: string | Uint8Array): void {
  writeAll(2, text);
}

/** The reader went away (`| head`): nothing more is written, and nothing is wrong. */
export class OutputClosed extends Error {}

/** An error came when a part of the output was there, which is shown before it, as Podman's is. */
export class UnfinishedOutput extends UsageError {
  readonly begun: string;

  constructor(begun: string, error: UsageError) {
    super(error.message, { remedy: error.remedy, cause: error.cause, exitCode: error.exitCode });
    this.begun = begun;
    if (error.stack !== undefined) this.stack = error.stack;
  }
}

function writeAll(fd: number, text: string | Uint8Array): void {
  let rest = typeof text === 'string' ? Buffer.from(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') throw new OutputClosed();
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // Somebody made our pipe non-blocking.
    }
  }
}
