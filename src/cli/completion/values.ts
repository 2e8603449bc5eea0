/** What can stand as the value of a flag, or as an argument. */
import { CAPABILITIES } from '../../model/capability.ts';
import { NOTHING, type Completion, type ManifestCommand, type Names } from './manifest.ts';

export interface ValueContext {
  readonly name: string;
  readonly begun: string;
  readonly names: Names;
}

const NAMESPACES = ['private', 'host', 'container:', 'ns:'];
/** What can be listed of values that a parser checks; a word that ends in `:` or `=` goes on. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'cap-add': ['all', ...CAPABILITIES],
  'cap-drop': ['all', ...CAPABILITIES],
  cgroupns: NAMESPACES,
  format: ['json', 'table '],
  ipc: [...NAMESPACES, 'none', 'shareable'],
  network: ['slirp4netns', 'pasta', 'none', 'host', 'container:', 'ns:'],
  'hosts-file': ['image', 'none'],
  pid: NAMESPACES,
  'pull-policy': ['always', 'missing', 'never', 'newer'],
  restart: ['no', 'always', 'unless-stopped', 'on-failure'],
  'security-opt': ['no-new-privileges', 'seccomp=', 'mask=', 'unmask='],
  signal: ['HUP', 'INT', 'KILL', 'QUIT', 'TERM', 'USR1', 'USR2', 'WINCH'],
  'stop-signal': ['HUP', 'INT', 'KILL', 'QUIT', 'TERM', 'USR1', 'USR2', 'WINCH'],
  userns: ['host', 'keep-id', 'auto'],
  uts: NAMESPACES,
};
const STATUSES = ['created', 'exited', 'initialized', 'paused', 'restarting', 'running', 'stopping', 'unknown'];
const CONTAINER_FILTERS = [
  ...['ancestor=', 'before=', 'exited=', 'health=', 'id=', 'label=', 'label!=', 'name=', 'network=', 'pod='],
  ...['restart-policy=', 'since=', 'until=', 'volume=', ...STATUSES.map((status) => `status=${status}`)],
];
const PRUNE_FILTERS = ['label=', 'label!=', 'until='];
const FILES = /(?:file|dir|path|^root|^runroot|^input|^output|^device$|^volume$|^mount$)/;

/** What may be the value of a flag. */
export async function flagValues(flag: string, command: ManifestCommand, context: ValueContext): Promise<Completion> {
  const { names, begun, name } = context;
  const definition = command.flags[flag];
  const listed = definition?.options ?? (flag === 'filter' ? filterKeys(name) : VALUES[flag]);
  if (flag === 'volumes-from' || flag === 'requires') return { candidates: names.containers(), files: false };
  if (flag === 'secret') return { candidates: await names.secrets(), files: false };
  if (flag === 'volume' && !begun.includes(':')) {
    return { candidates: names.volumes().map(({ value }) => ({ value: `${value}:`, about: 'volume' })), files: true };
  }
  if (begun.startsWith('container:') && listed?.includes('container:')) {
    const candidates = names
      .containers(['running'])
      .map(({ value, about }) => ({ value: `container:${value}`, about }));
    return { candidates, files: false };
  }
  if (listed !== undefined) return { candidates: listed.map((value) => ({ value })), files: false };
  return { candidates: [], files: FILES.test(flag) };
}

function filterKeys(name: string): readonly string[] {
  if (name.endsWith('prune')) return PRUNE_FILTERS;
  if (/^image|volume|network|events/.test(name)) return [];
  return CONTAINER_FILTERS;
}

/** Of which status the containers are that a command can do something for; missing: any. */
const USEFUL: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['attach', 'exec', 'kill', 'port', 'stats', 'stop', 'top'].map((name) => [
      name,
      ['running', 'paused', 'restarting'],
    ]),
  ),
  pause: ['running'],
  unpause: ['paused'],
  init: ['created', 'exited', 'unknown'],
  start: ['created', 'initialized', 'exited', 'unknown'],
};

/** What may be the next argument, of which there are `count`. */
export async function argumentValues(
  command: ManifestCommand,
  name: string,
  count: number,
  names: Names,
): Promise<Completion> {
  const definitions = Object.values(command.args);
  const argument = definitions[count] ?? (definitions.at(-1)?.multiple ? definitions.at(-1) : undefined);
  switch (argument?.name) {
    case 'container':
      return { candidates: names.containers(USEFUL[name.replace('container ', '')]), files: false };
    case 'image':
      return { candidates: await names.images(), files: false };
    case 'secret':
      return { candidates: await names.secrets(), files: false };
    case 'volume':
      return { candidates: names.volumes(), files: false };
    case 'name':
      if (name !== 'inspect' && name !== 'container inspect') return NOTHING;
      return { candidates: [...names.containers(), ...(name === 'inspect' ? await names.images() : [])], files: false };
    case 'shell':
      return { candidates: ['bash', 'zsh', 'fish'].map((value) => ({ value })), files: false };
    case undefined:
    case 'command': // It is in the container.
    case 'descriptor':
      return NOTHING;
    default:
      return { candidates: [], files: true };
  }
}
