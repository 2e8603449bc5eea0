/** The health check of a container in Podman's JSON form. */
import type { ContainerConfig } from '../model/container-config.ts';
import {
  DEFAULT_OUTPUT,
  DEFAULT_RESULTS,
  type HealthCheck,
  type HealthConfig,
  type HealthRecord,
  type HealthResult,
} from '../model/healthcheck.ts';

/** `State.Health` */
export function inspectHealth(config: HealthConfig | undefined, record: HealthRecord | undefined) {
  if (config === undefined) return { Status: '', FailingStreak: 0, Log: null };
  return {
    Status: record?.status ?? 'starting',
    FailingStreak: record?.failingStreak ?? 0,
    Log: record?.log.map(inspectResult) ?? null,
  };
}

/** `Config.Healthcheck` and what belongs to it; nothing where nobody has thought of a check. */
export function inspectHealthConfig({
  health: config,
  noHealthcheck,
}: Pick<ContainerConfig, 'health' | 'noHealthcheck'>) {
  if (config === undefined) {
    return { ...(noHealthcheck ? { Healthcheck: { Test: ['NONE'] } } : {}), HealthcheckOnFailureAction: 'none' };
  }
  const { startPeriodMs, onFailure, startup, logCount, logSize, logDestination } = config;
  return {
    Healthcheck: inspectCheck(config, { StartPeriod: nanoseconds(startPeriodMs) }),
    HealthcheckOnFailureAction: onFailure,
    HealthLogDestination: logDestination ?? 'local',
    HealthcheckMaxLogCount: logCount ?? DEFAULT_RESULTS,
    HealthcheckMaxLogSize: logSize ?? DEFAULT_OUTPUT,
    ...(startup === undefined ? {} : { StartupHealthCheck: inspectCheck(startup, { Successes: startup.successes }) }),
  };
}

function inspectResult({ start, end, exitCode, output }: HealthResult) {
  const isLate = exitCode === -1;
  const took = Math.round((Date.parse(end) - Date.parse(start)) / 100) / 10;
  const words = [...(output === '' ? [] : [output]), ...(isLate ? [`the check was killed after ${took}s`] : [])];
  return { Start: start, End: end, ExitCode: exitCode, Output: words.join('\n') };
}

/** Go leaves out what is 0. */
function inspectCheck({ test, intervalMs, timeoutMs, retries }: HealthCheck, more: Readonly<Record<string, number>>) {
  const numbers = { ...more, Interval: nanoseconds(intervalMs), Timeout: nanoseconds(timeoutMs), Retries: retries };
  return { Test: test, ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0)) };
}

function nanoseconds(milliseconds: number): number {
  return milliseconds * 1e6;
}
