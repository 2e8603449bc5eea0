/** The user's own defaults: `$XDG_CONFIG_HOME/tspod/config.json`, flags by name: `{ "log-driver": "json-file" }`. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TspodError, UsageError } from '../errors.ts';
import type { FlagDefinitions } from './split-command-line.ts';

/** The flags that may have another default. */
const SETTINGS = [
  'cgroup-manager',
  'detach-keys',
  'log-driver',
  'network',
  'pids-limit',
  'pull',
  'shm-size',
  'stop-timeout',
  'storage-driver',
  'userns',
];

/**
 * The settings as flags that stand before those of the command line, which therefore count; only those the command has.
 *
 * Without a file nothing but its absence is looked at: `conf` takes longer than a start may.
 *
 * @throws {TspodError} when the file is damaged or has a key that is no setting
 */
export async function readSettings(definitions: FlagDefinitions, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const directory = join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'tspod');
  const path = join(directory, 'config.json');
  if (!existsSync(path)) return [];
  const settings = await readFile(directory, path);
  return Object.entries(settings).flatMap(([name, value]) => {
    if (!SETTINGS.includes(name)) {
      throw new UsageError(`"${path}" has the key "${name}", which is no setting`, {
        remedy: `There are: ${SETTINGS.join(', ')}`,
      });
    }
    if (name === 'userns' && environment['PODMAN_USERNS'] !== undefined) return []; // That is more particular.
    return Object.hasOwn(definitions, name) ? [`--${name}=${String(value)}`] : [];
  });
}

/** One setting as it stands there; undefined where it does not. */
export async function readSetting(name: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const [flag] = await readSettings({ [name]: {} as FlagDefinitions[string] }, environment);
  return flag?.slice(`--${name}=`.length);
}

async function readFile(directory: string, path: string): Promise<Record<string, unknown>> {
  const { default: Conf } = await import('conf');
  try {
    return new Conf({ cwd: directory, configName: 'config', accessPropertiesByDotNotation: false }).store;
  } catch (cause) {
    throw new TspodError(`cannot read the settings "${path}": ${(cause as Error).message}`, {
      cause,
      remedy: 'Write flags by name: { "log-driver": "json-file" }',
    });
  }
}
