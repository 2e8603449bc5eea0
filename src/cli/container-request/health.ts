/** The health check of `run` and `create`, and what `update` changes of it. */
import { UsageError } from '../../errors.ts';
import {
  parseHealthCommand,
  type HealthAction,
  type HealthRequest,
  type HealthUpdate,
  type StartupCheck,
} from '../../model/healthcheck.ts';
import type { ContainerFlags } from '../container-flags.ts';
import type { healthFlags } from '../container-flags/health.ts';
import { withoutMissing } from './loose.ts';

type HealthFlags = Pick<ContainerFlags, keyof typeof healthFlags>;

/**
 * The health check that the flags ask for; undefined when they say nothing about one.
 *
 * @throws {UsageError} when they contradict each other
 */
export function collectHealth(flags: HealthFlags): HealthRequest | undefined {
  const update = collectHealthUpdate(flags);
  if (update === undefined || update === 'disabled') return update;
  const { startup, ...request } = update;
  const test = startup?.test;
  if (test !== undefined) return { ...request, startup: { ...startup, test } };
  return Object.keys(request).length === 0 ? undefined : request;
}

/**
 * What the flags change of a health check; undefined when they say nothing about one.
 *
 * @throws {UsageError} when they contradict each other
 */
export function collectHealthUpdate(flags: HealthFlags): HealthUpdate | undefined {
  const command = flags['health-cmd'];
  if (flags['no-healthcheck'] && command !== undefined) {
    throw new UsageError('--no-healthcheck and --health-cmd exclude each other', { remedy: 'Give either.' });
  }
  const test = command === undefined ? undefined : parseHealthCommand(command);
  if (flags['no-healthcheck'] || (command !== undefined && test === undefined)) return 'disabled';
  const startup = collectStartup(flags);
  const update = withoutMissing<Exclude<HealthUpdate, 'disabled'>>({
    test,
    intervalMs: flags['health-interval'],
    timeoutMs: flags['health-timeout'],
    startPeriodMs: flags['health-start-period'],
    retries: flags['health-retries'],
    onFailure: flags['health-on-failure'] as HealthAction | undefined,
    logCount: flags['health-max-log-count'],
    logSize: flags['health-max-log-size'],
    logDestination: flags['health-log-destination'],
    startup: Object.keys(startup).length === 0 ? undefined : startup,
  });
  return Object.keys(update).length === 0 ? undefined : update;
}

function collectStartup(flags: HealthFlags): Partial<StartupCheck> {
  const command = flags['health-startup-cmd'];
  return withoutMissing<Partial<StartupCheck>>({
    test: command === undefined ? undefined : parseHealthCommand(command),
    intervalMs: flags['health-startup-interval'],
    timeoutMs: flags['health-startup-timeout'],
    retries: flags['health-startup-retries'],
    successes: flags['health-startup-success'],
  });
}
