/** What can stand as the value of a flag, or as an argument. */
import { listTopDescriptors } from '../views/top-view.ts';
import { filterCandidates } from './filters.ts';
import { listFormats } from './formats.ts';
import { listValues } from './flag-values.ts';
import { NOTHING, type Candidate, type Completion, type ManifestCommand, type Names } from './manifest.ts';

export interface ValueContext {
  readonly name: string;
  readonly begun: string;
  readonly names: Names;
}

const FILES = /(?:file|dir|path|^root|^runroot|^input|^output|^device$|^device-[rw]|-device$|-destination$|^volume$)/;

/** What may be the value of a flag. */
export async function flagValues(flag: string, command: ManifestCommand, context: ValueContext): Promise<Completion> {
  const { names, begun } = context;
  const files = FILES.test(flag);
  if (flag === 'filter') return { candidates: await filterCandidates(command.id, begun, names), files };
  if (flag === 'volumes-from' || (flag === 'requires' && command.id !== 'generate:systemd')) {
    return { candidates: names.containers(), files };
  }
  if (flag === 'secret') return { candidates: await names.secrets(), files };
  if (flag === 'volume' && !begun.includes(':')) {
    return { candidates: names.volumes().map(({ value }) => ({ value: `${value}:`, about: 'volume' })), files };
  }
  const definition = command.flags[flag];
  if (definition?.type === 'boolean') return listed(['true', 'false']);
  const values =
    definition?.options ??
    (flag === 'format' ? await listFormats(command.id, begun, names) : listValues(flag, begun)) ??
    [];
  if (begun.startsWith('container:') && values.includes('container:')) {
    const candidates = names
      .containers(['running'])
      .map(({ value, about }) => ({ value: `container:${value}`, about }));
    return { candidates, files };
  }
  return { ...listed(values), files };
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

/** What a `name` or another word is the name of, where the argument does not say it. */
const NAMED: Readonly<Record<string, readonly ('containers' | 'images' | 'volumes')[]>> = {
  'container diff': ['containers'],
  'container inspect': ['containers'],
  diff: ['containers', 'images'],
  'image diff': ['images'],
  inspect: ['containers', 'images', 'volumes'],
  'image push': ['images'],
  'image save': ['images'],
  'image tag': ['images'],
  'image untag': ['images'],
  push: ['images'],
  save: ['images'],
  tag: ['images'],
  untag: ['images'],
};

/** What may be the next argument, of which there are `count`. */
export async function argumentValues(
  command: ManifestCommand,
  count: number,
  { name, begun, names }: ValueContext,
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
    case 'parent':
    case 'target': {
      const candidates: Candidate[] = [];
      for (const kind of NAMED[name] ?? []) candidates.push(...(await names[kind]()));
      return { candidates, files: false };
    }
    case 'descriptor':
      return listed(listTopDescriptors());
    case 'shell':
      return listed(['bash', 'zsh', 'fish']);
    case 'source':
    case 'destination':
      return command.id === 'cp' ? copyPaths(begun, names) : { candidates: [], files: true };
    case 'file':
    case 'path':
      return { candidates: [], files: true };
    default: // A command is in the container; a port, a registry or a new name is not known before.
      return NOTHING;
  }
}

/** A file, or a container with a colon; what is behind that is in the container. */
function copyPaths(begun: string, names: Names): Completion {
  if (begun.includes(':')) return NOTHING;
  const candidates = names.containers().map(({ value, about }) => ({ value: `${value}:`, about }));
  return { candidates, files: true };
}

function listed(values: readonly string[]): Completion {
  return { candidates: values.map((value) => ({ value })), files: false };
}
