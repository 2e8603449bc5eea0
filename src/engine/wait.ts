/** `wait`: until containers are what the user waits for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isNew } from '../model/container-status.ts';
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
  return await waitForFirst([container], { conditions, intervalMs });
}

/**
 * Wait for the first of several containers.
 *
 * @returns what `waitForCondition` gives for that one
 */
export async function waitForFirst(
  containers: readonly Container[],
  { conditions, intervalMs }: WaitOptions,
): Promise<number> {
  for (;;) {
    for (const { config } of containers) {
      const status = lookAt(readContainer(config.id), conditions);
      if (status !== undefined) return status;
    }
    await sleep(intervalMs);
  }
}

/** What is printed for a container as it is now; undefined: it is not what is waited for. */
function lookAt(now: Container | undefined, conditions: readonly string[]): number | undefined {
  const met = conditions.find((condition) => isMet(condition, now));
  if (met !== undefined) return isEnd(met) ? (now?.exit?.exitCode ?? NO_STATUS) : NO_STATUS;
  if (now === undefined) return NO_STATUS; // Nothing that was waited for can come any more.
  return conditions.every(isEnd) && isNew(now.status) ? 0 : undefined;
}
