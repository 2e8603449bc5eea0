/** The command line that made a container, as a unit of systemd repeats it. */
import { resolve } from 'node:path/posix';
import { splitCommaList } from '../model/comma-list.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { globalFlags } from './global-flags.ts';
import { splitCommandLine, type FlagDefinitions, type Given } from './split-command-line.ts';

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
 * Take the command line of `run` or `create` apart and put it together for a unit: relative paths of the host and
 * variables without a value get what they meant when the container was made.
 *
 * @param definitions the flags of `run`
 */
export function runArguments(config: ContainerConfig, definitions: FlagDefinitions): RunArguments {
  const words = config.createCommand.slice(config.createCommand[1] === 'container' ? 3 : 2);
  const { given, argv } = splitCommandLine(words, { ...globalFlags, ...definitions }, { interspersed: false });
  const isGlobal = ({ name }: Given) => Object.hasOwn(globalFlags, name);
  const kept = given.filter((flag) => !isGlobal(flag) && !OWNED.has(flag.name));
  const isRootfs = given.some(({ name, value }) => name === 'rootfs' && value === true);
  const spellAll = (flags: readonly Given[]) => flags.flatMap((flag) => settle(flag, config)).flatMap(spell);
  return {
    globals: spellAll(given.filter((flag) => isGlobal(flag) && flag.name !== 'help')),
    options: spellAll(kept),
    name: config.name,
    words: isRootfs ? [settleRoot(argv[0] ?? '', config), ...argv.slice(1)] : argv,
  };
}

function spell({ spelled, value }: Given): string[] {
  if (typeof value === 'string') return [spelled, value];
  return value ? [spelled] : [`${spelled}=false`];
}

/** What the flag meant where the container was made; nothing when it was a variable that was not set there. */
function settle(flag: Given, config: ContainerConfig): Given[] {
  const { name, value } = flag;
  if (typeof value !== 'string') return [flag];
  if (name === 'env' && !value.includes('=')) {
    return variablesOf(value, config.process.env).map((variable) => ({ ...flag, value: variable }));
  }
  const { createDirectory } = config;
  const settlePath = Object.hasOwn(PATHS, name) ? PATHS[name] : undefined;
  if (createDirectory === undefined || settlePath === undefined || value === '') return [flag];
  return [{ ...flag, value: settlePath(value, (path) => resolve(createDirectory, path)) }];
}

/** The directory of --rootfs, which stands in the place of the image. */
function settleRoot(directory: string, { createDirectory }: ContainerConfig): string {
  return createDirectory === undefined ? directory : resolve(createDirectory, directory);
}

/** `NAME`, or `NAME*` for all that begin so. */
function variablesOf(name: string, variables: readonly string[]): string[] {
  const start = name.endsWith('*') ? name.slice(0, -1) : `${name}=`;
  return variables.filter((variable) => variable.startsWith(start));
}

type Absolute = (path: string) => string;

/** The flags with paths of the host that may be relative. */
const PATHS: Readonly<Record<string, (value: string, absolute: Absolute) => string>> = {
  ...Object.fromEntries(
    ['authfile', 'cert-dir', 'conmon-pidfile', 'env-file', 'init-path', 'label-file', 'pidfile', 'root', 'runroot'].map(
      (name) => [name, (value: string, absolute: Absolute) => absolute(value)],
    ),
  ),
  'health-log-destination': unless('local', 'events_logger'),
  'hosts-file': unless('image', 'none'),
  mount: settleMount,
  'security-opt': (value, absolute) =>
    value.replace(/^(seccomp[=:])(?!unconfined$)(.+)$/s, (_, key: string, path: string) => key + absolute(path)),
  volume: (value, absolute) => value.replace(/^[.][^:]*(?=:)/, absolute),
};

function unless(...words: readonly string[]) {
  return (value: string, absolute: Absolute) => (words.includes(value) ? value : absolute(value));
}

/** The source of a bind mount or a glob; of others it is a name. */
function settleMount(value: string, absolute: Absolute): string {
  const parts = splitCommaList(value);
  if (!parts.includes('type=bind') && !parts.includes('type=glob')) return value;
  const settled = parts.map((part) =>
    part.replace(/^(src|source)=(.+)$/s, (_, key: string, path: string) => `${key}=${absolute(path)}`),
  );
  return settled.map((part) => (/[",]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)).join(',');
}
