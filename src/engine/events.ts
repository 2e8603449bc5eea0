/** `events`: what has happened, and what happens from now on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDirectory } from '../host/directory.ts';
import { storePath } from '../host/paths.ts';
import { ownStartMs } from '../host/process.ts';
import type { Event } from '../model/event.ts';
import { EventReader, watchEvents } from '../store/event-file.ts';

export type { Event } from '../model/event.ts';

export interface EventOptions {
  /** milliseconds since 1970; missing: from the start of this program, and from the beginning when nothing is followed */
  readonly sinceMs?: number | undefined;
  /** milliseconds since 1970; missing: for ever, and to the present when nothing is followed */
  readonly untilMs?: number | undefined;
  /** Wait for what happens next. */
  readonly follow: boolean;
}

/** The longest that a timer of Node waits: a 32-bit count of milliseconds. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Give events in the order in which they were recorded. */
export async function* readEvents({ sinceMs, untilMs, follow }: EventOptions): AsyncGenerator<Event> {
  const fromNow = follow && sinceMs === undefined && untilMs === undefined;
  // Editors start this and `run` at once: what comes before we have come up is theirs to see.
  let earliestMs = fromNow ? ownStartMs() : (sinceMs ?? -Infinity);
  const isWanted = ({ Time }: Event) => {
    const at = Date.parse(Time);
    return at >= earliestMs && at <= (untilMs ?? Infinity);
  };
  ensureDirectory(storePath()); // It is watched.
  using reader = new EventReader();
  if (!follow) {
    for (const event of reader.read()) if (isWanted(event)) yield event;
    return;
  }
  using changes = new Changes();
  for (;;) {
    for (const event of reader.read()) if (isWanted(event)) yield event;
    if (fromNow) earliestMs = -Infinity; // Whatever the clock is set to: the rest comes after us.
    const leftMs = (untilMs ?? Infinity) - Date.now();
    if (leftMs <= 0) return;
    await changes.next(leftMs);
  }
}

/** Changes of the events file; one that comes while nobody waits is not forgotten. */
class Changes implements Disposable {
  #isNoted = false;
  #wake: (() => void) | undefined;
  readonly #watcher = watchEvents(() => {
    this.#isNoted = true;
    this.#wake?.();
  });

  /** Wait for the next change, at most this long. */
  async next(waitMs: number): Promise<void> {
    const stop = new AbortController();
    if (!this.#isNoted) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      const late = sleep(Math.min(waitMs, LONGEST_WAIT_MS), undefined, { signal: stop.signal });
      await Promise.race([woken, late.catch(() => undefined)]);
      stop.abort();
    }
    this.#isNoted = false;
  }

  [Symbol.dispose](): void {
    this.#watcher[Symbol.dispose]();
  }
}
