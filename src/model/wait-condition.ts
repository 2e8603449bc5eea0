import { UsageError } from '../errors.ts';
import type { ContainerStatus } from './container-status.ts';
import { readDuration } from './duration.ts';
import type { HealthRecord } from './healthcheck.ts';

/** What may be waited for, besides a state of health. */
const STATUSES: Readonly<Record<string, readonly ContainerStatus[]>> = {
  configured: ['created'],
  created: ['created'],
  exited: ['exited', 'unknown'],
  initialized: ['initialized'],
  paused: ['paused'],
  restarting: ['restarting'],
  running: ['running'],
  stopped: ['exited', 'unknown'],
  stopping: ['stopping'],
};

const HEALTH = ['healthy', 'starting', 'unhealthy'];
/** The container is gone. */
const REMOVAL = ['removed', 'removing'];

/** What `wait --condition` knows. */
export const WAIT_CONDITIONS: readonly string[] = [...Object.keys(STATUSES), ...HEALTH, ...REMOVAL].sort();

/**
 * Parse one `--condition`.
 *
 * @throws {UsageError} when there is no such condition
 */
export function parseWaitCondition(text: string): string {
  if (WAIT_CONDITIONS.includes(text)) return text;
  throw new UsageError(`"${text}" is not something to wait for`, {
    remedy: `There are: ${WAIT_CONDITIONS.join(', ')}`,
  });
}

/** Whether a container's monitor knows of the moment by itself: its end. */
export function isEnd(condition: string): boolean {
  return condition === 'exited' || condition === 'stopped';
}

/** Whether a container, or its absence, is what a condition means. */
export function isMet(
  condition: string,
  container: { readonly status: ContainerStatus; readonly health?: HealthRecord | undefined } | undefined,
): boolean {
  if (container === undefined) return REMOVAL.includes(condition);
  if (HEALTH.includes(condition)) return container.status === 'running' && container.health?.status === condition;
  return STATUSES[condition]?.includes(container.status) ?? false;
}

/**
 * Parse `--interval`: a duration, or a number of milliseconds.
 *
 * @returns milliseconds
 * @throws {UsageError} when it is neither
 */
export function parseWaitInterval(text: string): number {
  const milliseconds = /^\d{1,9}$/.test(text) ? Number(text) : readDuration(text);
  if (milliseconds !== undefined) return Math.max(1, milliseconds);
  throw new UsageError(`"${text}" is not an interval`, { remedy: 'Write a duration, or milliseconds: 250ms' });
}
