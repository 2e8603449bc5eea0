/** Health checks: what is run when, and what came of it. */
import { resolve } from 'node:path/posix';
import { UsageError } from '../errors.ts';
import { parseDuration } from './duration.ts';

/** Of a check's results, and bytes of each one's output: podman-run(1). */
export const DEFAULT_RESULTS = 5;
export const DEFAULT_OUTPUT = 500;

/** `CMD` and a command line, or `CMD-SHELL` and a text for the container's shell. */
export type HealthTest = readonly string[];

export type HealthAction = 'none' | 'kill' | 'restart' | 'stop';

export interface HealthCheck {
  readonly test: HealthTest;
  /** Between two checks; 0 is never by itself. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** That many failures in a row mean unhealthy. */
  readonly retries: number;
}

/** Runs instead of the regular check until it has passed. */
export interface StartupCheck extends HealthCheck {
  /** That many failures restart the container; 0 is never. */
  readonly retries: number;
  /** That many successes in a row pass it. */
  readonly successes: number;
}

export interface HealthConfig extends HealthCheck {
  /** Failures do not count for so long after the start. */
  readonly startPeriodMs: number;
  /** What becomes of a container that turns unhealthy. */
  readonly onFailure: HealthAction;
  /** How many results are kept, and how many bytes of output of each. */
  readonly logCount?: number;
  readonly logSize?: number;
  /** Where else results go: a directory, or `events_logger`; missing or `local`: nowhere. */
  readonly logDestination?: string;
  readonly startup?: StartupCheck;
}

/** As the flags say it; what is missing is the image's, or the default. `disabled`: no check at all. */
export type HealthRequest =
  | 'disabled'
  | (Partial<Omit<HealthConfig, 'startup'>> & {
      readonly startup?: Partial<StartupCheck> & Pick<StartupCheck, 'test'>;
    });

/** What `update` changes of a health check; what is missing stays as it is. `disabled`: there is none any more. */
export type HealthUpdate =
  'disabled' | (Partial<Omit<HealthConfig, 'startup'>> & { readonly startup?: Partial<StartupCheck> });

/** `health.json`: written by the monitor at the start and after each check. */
export interface HealthRecord {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failingStreak: number;
  /** The last ones, oldest first. */
  readonly log: readonly HealthResult[];
}

export interface HealthResult {
  /** RFC 3339 */
  readonly start: string;
  readonly end: string;
  /** As a shell counts; -1 after a timeout. */
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Parse `--health-cmd`: a JSON list is a command line; `CMD ..` is one, too; other text is for the shell.
 *
 * @returns undefined for `none`
 * @throws {UsageError} when there is no command
 */
export function parseHealthCommand(text: string): HealthTest | undefined {
  const words = parseList(text) ?? text.split(/\s+/).filter((word) => word !== '');
  const [first = '', ...rest] = words;
  const keyword = first.toUpperCase();
  if (keyword === 'NONE' && rest.length === 0) return undefined;
  if (text.trim() === '' || words.length === 0 || (/^CMD(-SHELL)?$/.test(keyword) && rest.length === 0)) {
    throw new UsageError(`"${text}" is not a command for a health check`, {
      remedy: 'Write a text for the shell, or a JSON list: \'["curl", "-f", "localhost"]\'',
    });
  }
  if (keyword === 'CMD') return ['CMD', ...rest];
  if (keyword === 'CMD-SHELL') return ['CMD-SHELL', rest.join(' ')];
  if (parseList(text) === undefined) return ['CMD-SHELL', text];
  return words.length > 1 ? ['CMD', ...words] : ['CMD-SHELL', first];
}

function parseList(text: string): string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
  } catch {
    // The shell knows a command "[".
  }
  return undefined;
}

/**
 * Parse `--health-interval`: a duration, or `disable`.
 *
 * @returns milliseconds; 0 when the check does not run by itself
 */
export function parseHealthInterval(text: string): number {
  return text === 'disable' ? 0 : Math.ceil(parseDuration(text));
}

/**
 * Parse `--health-timeout`.
 *
 * @returns milliseconds
 * @throws {UsageError} when it is shorter than a second
 */
export function parseHealthTimeout(text: string): number {
  const milliseconds = Math.ceil(parseDuration(text));
  if (milliseconds >= 1000) return milliseconds;
  throw new UsageError(`"${text}" is too short for a health check`, { remedy: 'Give it at least one second: 1s' });
}

/**
 * Parse `--health-log-destination`: `local`, `events_logger` or a directory.
 *
 * @param workdir the directory that a relative one is in
 * @throws {UsageError} when it is empty
 */
export function parseHealthLogDestination(text: string, workdir: string): string {
  if (text === 'local' || text === 'events_logger') return text;
  if (text !== '') return resolve(workdir, text);
  throw new UsageError('"" is not a destination for the results of health checks', {
    remedy: 'Write local, events_logger or a directory: /var/log/health',
  });
}

/** The command line that the container runs for a check. */
export function commandOfTest([keyword, ...rest]: HealthTest): string[] {
  return keyword === 'CMD-SHELL' ? ['/bin/sh', '-c', rest.join(' ')] : rest;
}
