/**
 * A layer must not go away under a container that is just being made of it. Who deletes layers says so before it looks
 * which containers there are; who makes a container looks, once that is in the store, whether somebody says so. So one
 * of the two sees the other, and a new container needs no lock.
 */
import { rmSync, symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotFoundError, TspodError } from '../errors.ts';
import { storePath } from '../host/paths.ts';
import { readLinkIfPresent } from '../host/present.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { usedImages } from '../model/used-images.ts';
import { isInHand, nameInHand } from './in-hand.ts';
import { hasLayer } from './layers.ts';

/** As for a lock. */
const COLLECTOR_WAIT_MS = 60_000;

/** Do that while every new container knows of it; the caller has the lock of the images. */
export async function whileCollecting(body: () => Promise<void>): Promise<void> {
  rmSync(notePath(), { force: true }); // Of one that was killed.
  symlinkSync(nameInHand('by'), notePath());
  try {
    await body();
  } finally {
    rmSync(notePath(), { force: true });
  }
}

/**
 * Be sure that a container that has just come into the store has all its layers, and keeps them.
 *
 * @throws {NotFoundError} when one was deleted before
 */
export async function confirmLayers(config: ContainerConfig): Promise<void> {
  await waitForCollector();
  for (const { name, layers } of usedImages(config)) {
    const gone = layers.find((diffId) => !hasLayer(diffId));
    if (gone === undefined) continue;
    throw new NotFoundError(`the layer "${gone}" of the image "${name}" is gone from the store`, {
      remedy: `Another command may have removed the image just now; get it again: tspod pull ${name}`,
    });
  }
}

async function waitForCollector(): Promise<void> {
  const deadline = performance.now() + COLLECTOR_WAIT_MS;
  for (let note = readLinkIfPresent(notePath()); note !== undefined && isInHand(note);) {
    if (performance.now() > deadline) {
      const [, pid = ''] = note.split('-');
      throw new TspodError(`images are still being removed by the process ${pid}`, {
        remedy: `See what it waits for: ps -fp ${pid}`,
      });
    }
    await sleep(5);
    note = readLinkIfPresent(notePath());
  }
}

/** A link that leads nowhere: its text is all there is to it. */
function notePath(): string {
  return storePath('layers', '.collecting');
}
