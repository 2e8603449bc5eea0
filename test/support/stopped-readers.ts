/** Commands are stopped where they read a file, so that something can happen meanwhile. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { eventually } from './tspod.ts';

/** Stops all who read a file; disposing of it lets them read again, but not those who are stopped. */
export interface StoppedReaders extends Disposable {
  /** Wait for the next reader; `what` says what it does. */
  next(what: string): Promise<StoppedReader>;
  /** Whoever reads it from now on is not stopped. */
  end(): void;
}

export interface StoppedReader {
  goOn(): void;
}

/** A FIFO is in place of the file, a new one for each reader: fifo(7). */
export function stopReaders(path: string): StoppedReaders {
  const text = readFileSync(path);
  const aside = `${path}.aside`;
  const replace = (make: () => void) => {
    make();
    renameSync(aside, path);
  };
  const stop = () => replace(() => execFileSync('mkfifo', [aside]));
  const end = () => replace(() => writeFileSync(aside, text));
  stop();
  return {
    async next(what) {
      const fd = await eventually(() => openForReader(path), what);
      stop();
      return {
        goOn() {
          writeFileSync(fd, text);
          closeSync(fd);
        },
      };
    },
    end,
    [Symbol.dispose]: end,
  };
}

/** It can be opened like this once somebody reads from it. */
function openForReader(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENXIO') return undefined;
    throw error;
  }
}
