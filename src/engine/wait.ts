/** `wait`: until containers are what the user waits for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isEnd, isMet } from '../model/wait-condition.ts';
import { readContainer, type Container } from '../store/containers.ts';
import { waitForContainer } from './stop.ts';

export interface WaitOptions {
  /** The first that is met ends the wait: model/wait-condition.ts. */
  readonly conditions: readonly string[];
  /** How often to look, in milliseconds; the end of a container is noticed at once. */
  readonly intervalMs: number;
}

/** What `wait` prints when the container has not ended. */
const NO_STATUS = -1;

/**
 * Wait for a container.
 *
 * @returns its exit status as a shell counts, or -1 when a condition was met without one
 */
export async function waitForCondition(container: Container, { conditions, intervalMs }: WaitOptions): Promise<number> {
  if (conditions.every(isEnd)) return await waitForContainer(container);
  for (;;) {
    const now = readContainer(container.config.id);
    const met = conditions.find((condition) => isMet(condition, now));
    if (met !== undefined) return isEnd(met) ? (now?.exit?.exitCode ?? NO_STATUS) : NO_STATUS;
    if (now === undefined) return NO_STATUS; // Nothing that was waited for can come any more.
    await sleep(intervalMs);
  }
}
