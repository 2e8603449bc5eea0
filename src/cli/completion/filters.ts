/** The keys of `--filter`, and what they can have, for each command. */
import { HEALTH, POLICIES, STATUSES, containerMatchers } from '../container-filter.ts';
import { prunableMatchers } from '../prune-filter.ts';
import { TYPES, eventMatchers } from '../views/event-view.ts';
import { imageMatchers } from '../views/image-view.ts';
import { searchMatchers } from '../views/search-view.ts';
import { secretMatchers } from '../views/secret-view.ts';
import { volumeMatchers } from '../views/volume-view.ts';
import type { Candidate, Names } from './manifest.ts';

/** What a filter of a command may be. */
export async function filterCandidates(id: string, begun: string, names: Names): Promise<readonly Candidate[]> {
  const { matchers, values = {} } = BY_COMMAND[id] ?? CONTAINERS;
  const [, key] = /^([a-z-]+)=/.exec(begun) ?? [];
  if (key === undefined) return words(Object.keys(matchers).map((name) => `${name}=`));
  const found = Object.hasOwn(values, key) ? await values[key]?.(names) : undefined;
  return (found ?? []).map((one) => ({ ...one, value: `${key}=${one.value}` }));
}

interface Filters {
  readonly matchers: Readonly<Record<string, unknown>>;
  /** Of the keys whose values can be listed. */
  readonly values?: Readonly<Record<string, (names: Names) => readonly Candidate[] | Promise<readonly Candidate[]>>>;
}

/** Nothing is filtered here: only the keys are asked for. */
const nothing = (): never => {
  throw new Error('there is nothing to find');
};
const words = (list: readonly string[]): Candidate[] => list.map((value) => ({ value }));
const oneOf = (list: readonly string[]) => () => words(list);
const isIt = oneOf(['true', 'false']);
const containers = (names: Names) => names.containers();
const images = (names: Names) => names.images();
const volumes = (names: Names) => names.volumes();

/** What src/store/events.ts and native/event.c write. */
const HAPPENINGS = [
  ...['attach', 'cleanup', 'commit', 'create', 'died', 'exec', 'exec_died', 'health_status', 'import', 'init', 'kill'],
  ...['loadfromarchive', 'pause', 'prune', 'pull', 'push', 'remove', 'remove-error', 'rename', 'restart', 'save'],
  ...['start', 'stop', 'tag', 'unpause', 'untag', 'update'],
];

const CONTAINERS: Filters = {
  matchers: containerMatchers(nothing, 0),
  values: {
    ancestor: images,
    before: containers,
    health: oneOf(HEALTH),
    name: containers,
    network: oneOf(['slirp4netns', 'pasta', 'none', 'host']),
    'restart-policy': oneOf(POLICIES),
    'should-start-on-boot': isIt,
    since: containers,
    status: oneOf(STATUSES),
    volume: volumes,
  },
};

const EVENTS: Filters = {
  matchers: eventMatchers,
  values: {
    container: containers,
    event: oneOf(HAPPENINGS),
    image: images,
    status: oneOf(HAPPENINGS),
    type: oneOf(TYPES),
    volume: volumes,
  },
};

const IMAGES: Filters = {
  matchers: imageMatchers(nothing, 0),
  values: {
    after: images,
    before: images,
    containers: isIt,
    dangling: isIt,
    intermediate: isIt,
    manifest: isIt,
    readonly: isIt,
    reference: images,
    since: images,
  },
};

const PRUNED: Filters = { matchers: prunableMatchers(0) };

const VOLUMES: Filters = {
  matchers: volumeMatchers(0),
  values: { dangling: isIt, driver: oneOf(['local']), name: volumes, scope: oneOf(['local']) },
};

/** Of those that are about something else than containers. */
const BY_COMMAND: Readonly<Record<string, Filters>> = {
  'container:prune': PRUNED,
  events: EVENTS,
  'image:prune': PRUNED,
  images: IMAGES,
  search: { matchers: searchMatchers, values: { 'is-automated': isIt, 'is-official': isIt } },
  'secret:ls': { matchers: secretMatchers, values: { name: (names) => names.secrets() } },
  'system:prune': PRUNED,
  'volume:ls': VOLUMES,
  'volume:prune': PRUNED,
};
