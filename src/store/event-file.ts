/** Reading the events file, over its rotations and as it grows. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { openIfPresent } from '../host/present.ts';
import { watchDirectory } from '../host/watch.ts';
import { parseEvent, type Event } from '../model/event.ts';
import { eventsPath, olderEventsPath } from './events.ts';

const CHUNK = 1 << 18;

/**
 * The events file and the one before it. Both stay open: who had opened the file before its rotation writes there
 * once more after it.
 */
export class EventReader implements Disposable {
  #older: OpenFile | undefined;
  #current: OpenFile | undefined;

  constructor() {
    this.#current = openFile(eventsPath());
    const older = openFile(olderEventsPath());
    // A rotation between the two: the older one is then what was just opened as the current.
    if (isSame(older, this.#current)) close(older);
    else this.#older = older;
  }

  /** What has been written since the last time. */
  *read(): Generator<Event> {
    if (this.#older) yield* readEvents(this.#older);
    if (this.#current) yield* readEvents(this.#current);
    const present = openFile(eventsPath());
    if (present === undefined || isSame(present, this.#current)) {
      close(present);
      return;
    }
    if (this.#current) yield* readEvents(this.#current); // What came before the rotation.
    close(this.#older);
    this.#older = this.#current;
    this.#current = present;
    yield* readEvents(present);
  }

  [Symbol.dispose](): void {
    close(this.#older);
    close(this.#current);
  }
}

/** Call back whenever something in the directory of the events file has changed. */
export function watchEvents(changed: () => void): Disposable {
  return watchDirectory(dirname(eventsPath()), changed);
}

interface OpenFile {
  readonly fd: number;
  /** bytes: up to here whole lines have been read */
  position: number;
}

function openFile(path: string): OpenFile | undefined {
  const fd = openIfPresent(path);
  return fd === undefined ? undefined : { fd, position: 0 };
}

function close(file: OpenFile | undefined): void {
  if (file) closeSync(file.fd);
}

function isSame(a: OpenFile | undefined, b: OpenFile | undefined): boolean {
  return a !== undefined && b !== undefined && fstatSync(a.fd).ino === fstatSync(b.fd).ino;
}

/** A line that is not whole stays for the next time. */
function* readEvents(file: OpenFile): Generator<Event> {
  let rest = Buffer.alloc(0);
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const length = readSync(file.fd, chunk, 0, CHUNK, file.position + rest.length);
    if (length === 0) return;
    const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    file.position += end;
    rest = bytes.subarray(end);
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      const event = line === '' ? undefined : parseEvent(line);
      if (event) yield event;
    }
  }
}
