/** The command line that made a container, as a unit of systemd repeats it. */
import type { ContainerConfig } from '../model/container-config.ts';
import { globalFlags } from './global-flags.ts';
import { splitCommandLine, type FlagDefinitions, type Given } from './parse-command-line.ts';

/** What the unit says itself, or what makes no sense there. */
const OWNED = new Set([
  'attach',
  'cgroups',
  'cidfile',
  'detach',
  'help',
  'name',
  'replace',
  'restart',
  'rm',
  'sdnotify',
  'sig-proxy',
]);

export interface RunArguments {
  /** Options that stand before the command: where the store is. */
  readonly globals: readonly string[];
  /** Options of `run`, but for the name. */
  readonly options: readonly string[];
  readonly name: string;
  /** The image and the command. */
  readonly words: readonly string[];
}

/**
 * Take the command line of `run` or `create` apart and put it together for a unit: relative sources and variables without
 * a value get what they meant when the container was made.
 *
 * @param definitions the flags of `run`
 */
export function runArguments(config: ContainerConfig, definitions: FlagDefinitions): RunArguments {
  const words = config.createCommand.slice(config.createCommand[1] === 'container' ? 3 : 2);
  const { given, argv } = splitCommandLine(words, { ...globalFlags, ...definitions }, false);
  const isGlobal = ({ name }: Given) => Object.hasOwn(globalFlags, name);
  const kept = given.filter((flag) => !isGlobal(flag) && !OWNED.has(flag.name));
  return {
    globals: given.filter((flag) => isGlobal(flag) && flag.name !== 'help').flatMap(spell),
    options: kept.map((flag) => ({ ...flag, value: settle(flag, config) })).flatMap(spell),
    name: config.name,
    words: argv,
  };
}

function spell({ spelled, value }: Given): string[] {
  if (typeof value === 'string') return [spelled, value];
  return value ? [spelled] : [`${spelled}=false`];
}

function settle({ name, value }: Given, config: ContainerConfig): string | boolean {
  if (typeof value !== 'string') return value;
  if (name === 'env' && !value.includes('=')) {
    return config.process.env.find((variable) => variable.startsWith(`${value}=`)) ?? value;
  }
  if (name === 'volume' && value.startsWith('.')) {
    const [, target, ...options] = value.split(':');
    const mount = config.mounts.find((candidate) => candidate.target === target);
    if (mount?.type === 'bind') return [mount.source, target, ...options].join(':');
  }
  return value;
}
