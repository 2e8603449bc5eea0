/**
 * The events file: one line per event and one write each, by commands and monitors alike (native/event.c). When it
 * has grown large it becomes `events.1`, and the one before is gone.
 */
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { storePath } from '../host/paths.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { Event } from '../model/event.ts';

/** bytes; native/event.c has the same */
const MAX_SIZE = 1 << 20;

/** Where events are written. */
export function eventsPath(): string {
  return storePath('events');
}

/** Where the events before the last rotation are. */
export function olderEventsPath(): string {
  return storePath('events.1');
}

/** Record what was done to a container: `create`, `rename`, `remove`. */
export async function recordContainerEvent(
  config: Pick<ContainerConfig, 'id' | 'name' | 'root' | 'labels'>,
  status: string,
): Promise<void> {
  await recordEvent({
    ID: config.id,
    Image: 'image' in config.root ? config.root.image.name : config.root.rootfs.path,
    Name: config.name,
    Status: status,
    Time: now(),
    Type: 'container',
    Attributes: config.labels,
  });
}

/** Record what was done to an image: `pull`, `push`, `save`, `tag`, `untag`, `remove`, `loadfromarchive`. */
export async function recordImageEvent(id: string, name: string, status: string): Promise<void> {
  const ID = id.replace('sha256:', '');
  await recordEvent({ ID, Name: name, Status: status, Time: now(), Type: 'image', Attributes: null });
}

/** Record that an image could not be removed, and why: who asked for it may be gone. */
export async function recordFailedRemoval(name: string, error: string): Promise<void> {
  await recordEvent({ Name: name, Status: 'remove-error', Time: now(), Type: 'image', error, Attributes: null });
}

/** Record what was done to a volume: `create`, `remove`, `prune`. */
export async function recordVolumeEvent(name: string, status: string): Promise<void> {
  await recordEvent({ Name: name, Status: status, Time: now(), Type: 'volume', Attributes: null });
}

function now(): string {
  return new Date().toISOString();
}

/** What was done is done, also when nothing can be written about it: the disk may be full. */
async function recordEvent(event: Event): Promise<void> {
  let file: number;
  try {
    file = openSync(eventsPath(), 'a+', 0o600);
  } catch {
    return;
  }
  try {
    writeSync(file, `${isTorn(file) ? '\n' : ''}${JSON.stringify(event)}\n`);
    if (fstatSync(file).size > MAX_SIZE) await rotate(file);
  } catch {
    return;
  } finally {
    closeSync(file);
  }
}

/** A disk that was full has cut the last line off. */
function isTorn(file: number): boolean {
  const last = Buffer.alloc(1);
  const { size } = fstatSync(file);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}

/** Whoever has the lock of the file that is at the path now may move it: nobody moves its successor by mistake. */
async function rotate(file: number): Promise<void> {
  const { tryLockExclusive } = await import('../host/ffi/libc.ts');
  if (!tryLockExclusive(file)) return;
  if (statSync(eventsPath()).ino === fstatSync(file).ino) renameSync(eventsPath(), olderEventsPath());
}
