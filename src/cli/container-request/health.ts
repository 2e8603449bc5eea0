import { UsageError } from '../../errors.ts';
import { parseHealthCommand, type HealthAction, type HealthRequest } from '../../model/healthcheck.ts';
import type { ContainerFlags } from '../container-flags.ts';
import { withoutMissing } from './loose.ts';

/**
 * The health check that the flags ask for; undefined when they say nothing about one.
 *
 * @throws {UsageError} when they contradict each other
 */
export function collectHealth(flags: ContainerFlags): HealthRequest | undefined {
  const command = flags['health-cmd'];
  const startup = collectStartup(flags);
  if (flags['no-healthcheck'] && command !== undefined) {
    throw new UsageError('--no-healthcheck and --health-cmd exclude each other', { remedy: 'Give either.' });
  }
  const test = command === undefined ? undefined : parseHealthCommand(command);
  if (flags['no-healthcheck'] || (command !== undefined && test === undefined)) return 'disabled';
  const request = withoutMissing<Exclude<HealthRequest, 'disabled'>>({
    test,
    intervalMs: flags['health-interval'],
    timeoutMs: flags['health-timeout'],
    startPeriodMs: flags['health-start-period'],
    retries: flags['health-retries'],
    onFailure: flags['health-on-failure'] as HealthAction | undefined,
    logCount: flags['health-max-log-count'],
    logSize: flags['health-max-log-size'],
    startup,
  });
  return Object.keys(request).length === 0 ? undefined : request;
}

function collectStartup(flags: ContainerFlags): Exclude<HealthRequest, 'disabled'>['startup'] {
  const command = flags['health-startup-cmd'];
  const test = command === undefined ? undefined : parseHealthCommand(command);
  if (test === undefined) return undefined;
  return withoutMissing({
    test,
    intervalMs: flags['health-startup-interval'],
    timeoutMs: flags['health-startup-timeout'],
    retries: flags['health-startup-retries'],
    successes: flags['health-startup-success'],
  });
}
