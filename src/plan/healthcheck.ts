/** The health check of a container: the flags' over the image's over Podman's defaults, and the ops for the monitor. */
import { UsageError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import {
  commandOfTest,
  DEFAULT_OUTPUT,
  DEFAULT_RESULTS,
  type HealthConfig,
  type HealthRequest,
  type HealthUpdate,
  type StartupCheck,
} from '../model/healthcheck.ts';
import type { ImageConfig } from '../model/oci-image.ts';
import type { Op } from './ops.ts';

/** podman-run(1), --health-interval and its like */
const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 3;
/** --health-max-log-count, and --health-max-log-size in bytes: 0 is as much as there may be. */
const MOST_RESULTS = 1000;
const MOST_OUTPUT = 65_536;

type ImageHealthcheck = NonNullable<ImageConfig['config']>['Healthcheck'];

/**
 * Fill in what a container's health check leaves open; undefined when it has none.
 *
 * @throws {UsageError} when there is a startup check, or something to do on failure, and no regular check
 */
export function completeHealth(request: HealthRequest | undefined, image: ImageHealthcheck): HealthConfig | undefined {
  if (request === 'disabled') return undefined;
  const { startup, ...asked } = request ?? {};
  const test = asked.test ?? testOfImage(image);
  if (test === undefined) {
    const { onFailure = 'none' } = asked;
    if (startup === undefined && onFailure === 'none') return undefined;
    const flag = startup === undefined ? `--health-on-failure=${onFailure}` : '--health-startup-cmd';
    throw new UsageError(`${flag} needs a regular health check, and there is none`, {
      remedy: 'Give one: --health-cmd COMMAND',
    });
  }
  return {
    test,
    intervalMs: asked.intervalMs ?? (milliseconds(image?.Interval) || DEFAULT_INTERVAL_MS),
    timeoutMs: asked.timeoutMs ?? (milliseconds(image?.Timeout) || DEFAULT_TIMEOUT_MS),
    startPeriodMs: asked.startPeriodMs ?? milliseconds(image?.StartPeriod),
    retries: asked.retries ?? (image?.Retries || DEFAULT_RETRIES),
    onFailure: asked.onFailure ?? 'none',
    ...(asked.logCount === undefined ? {} : { logCount: asked.logCount || MOST_RESULTS }),
    ...(asked.logSize === undefined ? {} : { logSize: asked.logSize || MOST_OUTPUT }),
    ...(asked.logDestination === undefined || asked.logDestination === 'local'
      ? {}
      : { logDestination: asked.logDestination }),
    ...(startup === undefined ? {} : { startup: completeStartup(startup) }),
  };
}

/**
 * Change a health check; undefined when there is none any more.
 *
 * @throws {UsageError} when there is none to be changed
 */
export function changeHealth(
  { name, health }: Pick<ContainerConfig, 'name' | 'health'>,
  update: HealthUpdate,
): HealthConfig | undefined {
  if (update === 'disabled') return undefined;
  const { startup, ...asked } = update;
  if (health === undefined && asked.test === undefined) {
    throw new UsageError(`the container "${name}" has no health check to be changed`, {
      remedy: 'Give one: --health-cmd COMMAND',
    });
  }
  const test = startup?.test ?? health?.startup?.test;
  if (startup !== undefined && test === undefined) {
    throw new UsageError(`the container "${name}" has no startup health check to be changed`, {
      remedy: 'Give one: --health-startup-cmd COMMAND',
    });
  }
  const request = { ...health, ...asked };
  if (test === undefined) return completeHealth(request, undefined);
  return completeHealth({ ...request, startup: { ...health?.startup, ...startup, test } }, undefined);
}

/** What the monitor does by itself. */
export function healthOps(health: HealthConfig | undefined): Op[] {
  if (health === undefined) return [];
  const { test, intervalMs, timeoutMs, startPeriodMs, retries, onFailure, startup } = health;
  const { logCount = DEFAULT_RESULTS, logSize = DEFAULT_OUTPUT, logDestination } = health;
  const where = logDestination === 'events_logger' ? 'events' : logDestination;
  return [
    ['health', intervalMs, timeoutMs, startPeriodMs, retries, onFailure, ...commandOfTest(test)],
    ...(startup === undefined ? [] : [startupOp(startup)]),
    ['health-log', logCount, logSize, ...(where === undefined ? [] : [where])],
  ];
}

function startupOp({ test, intervalMs, timeoutMs, retries, successes }: StartupCheck): Op {
  return ['health-startup', intervalMs, timeoutMs, retries, successes, ...commandOfTest(test)];
}

function completeStartup(startup: NonNullable<Exclude<HealthRequest, 'disabled'>['startup']>): StartupCheck {
  return {
    intervalMs: DEFAULT_INTERVAL_MS,
    timeoutMs: DEFAULT_TIMEOUT_MS,
    retries: 0,
    successes: 0,
    ...startup,
  };
}

/** `NONE`, and a list without a command, is no check. */
function testOfImage(image: ImageHealthcheck): readonly string[] | undefined {
  const [keyword, ...rest] = image?.Test ?? [];
  return (keyword === 'CMD' || keyword === 'CMD-SHELL') && rest.length > 0 ? [keyword, ...rest] : undefined;
}

/** Docker writes nanoseconds. */
function milliseconds(nanoseconds = 0): number {
  return Math.ceil(nanoseconds / 1e6);
}
