/** The keys of `--filter` of the commands that are about containers. */
import type { ContainerConfig } from '../model/container-config.ts';
import { parseInteger } from '../model/numbers.ts';
import { commandOf, imageId, imageName, isOver, type ContainerRow } from './views/container-row.ts';
import {
  applyFilters,
  checkWord,
  labelMatchers,
  parseBoolean,
  parseExpression,
  splitFilters,
  type Filter,
  type Matchers,
} from './filter.ts';
import { parseTimestamp } from './timestamp.ts';

/** What filters name: a container (`before`), and images (`ancestor`), whose ids engine/list.ts knows. */
export interface Finders {
  readonly find: (name: string) => ContainerRow;
  readonly findImageIds: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** Keep the containers that pass all filters, as applyFilters() has it. */
export async function filterContainers<C extends ContainerRow>(
  containers: readonly C[],
  filters: readonly Filter[],
  { find, findImageIds }: Finders,
): Promise<C[]> {
  const listed = splitFilters(filters, containerMatchers(find, 0));
  const images = listed.filter(({ key }) => key === 'ancestor').map(({ value }) => value);
  return applyFilters(containers, listed, containerMatchers(find, Date.now(), await findImageIds(images)));
}

/**
 * The keys of `ps --filter`.
 *
 * @param find finds the container that `before` and `since` name
 * @param imageIds the images that `ancestor` names, as far as the store has them
 */
export function containerMatchers(
  find: (name: string) => ContainerRow,
  nowMs: number,
  imageIds: ReadonlyMap<string, string> = new Map(),
): Matchers<ContainerRow> {
  return {
    id: (value) => {
      // What could be the beginning of an id is nothing else: Podman 4 found it in the middle of other ids, too.
      const expression = parseExpression(/^[0-9a-f]*$/i.test(value) ? `^${value.toLowerCase()}` : value);
      return ({ config }) => expression.test(config.id);
    },
    name: (value) => {
      const expression = parseExpression(value.replaceAll('/', '')); // Docker's names begin with a slash.
      return ({ config }) => expression.test(config.name);
    },
    ...labelMatchers(({ config }: ContainerRow) => config.labels),
    ...annotationMatchers,
    status: (value) => {
      // `removing` is a status of Podman's that no container has here.
      const known = [...STATUSES, 'removing'];
      const wanted = value === 'stopped' ? 'exited' : checkWord(value, 'a status of containers', known);
      return ({ status }) => status === wanted;
    },
    exited: (value) => {
      const code = parseExitCode(value);
      return (row) => row.exit?.exitCode === code && isOver(row);
    },
    ancestor: (value) => {
      // By what the container's image was called then, as Podman 5 does it, and by what it is called now, as Podman 6.
      const expression = parseExpression(value);
      const id = value.replace(/^sha256:/, '');
      const named = imageIds.get(value)?.replace('sha256:', '');
      return (row) => expression.test(imageName(row)) || imageId(row) === named || imageId(row).startsWith(id);
    },
    command: (value) => {
      const expression = parseExpression(value);
      return ({ config }) => expression.test(commandOf(config)[0] ?? '');
    },
    volume: (value) => {
      const [source = '', target] = value.split(':');
      return ({ config }) =>
        config.mounts.some((mount) => volumeNames(mount).includes(source) && (target ?? mount.target) === mount.target);
    },
    network:
      (value) =>
      ({ config }) =>
        config.network.mode.kind === value,
    before: (value) => {
      const { created } = find(value).config;
      return ({ config }) => config.created < created;
    },
    since: (value) => {
      const { created } = find(value).config;
      return ({ config }) => config.created > created;
    },
    until: (value) => {
      const limitMs = parseTimestamp(value, nowMs);
      return ({ config }) => Date.parse(config.created) <= limitMs;
    },
    health: (value) => {
      const wanted = checkWord(value, 'a state of health', HEALTH);
      return ({ health }) => (health?.status ?? 'none') === wanted;
    },
    pod: () => () => false,
    'restart-policy': (value) => {
      const wanted = checkWord(value, 'a restart policy', POLICIES);
      return ({ config: { restart } }) =>
        wanted === (restart.name === 'no' && restart.isImplied ? 'none' : restart.name);
    },
    'should-start-on-boot': (value) => {
      const wanted = parseBoolean(value);
      return (row) => shouldStartOnBoot(row) === wanted;
    },
  };
}

const { label: annotation, 'label!': noAnnotation } = labelMatchers(({ config }: ContainerRow) => config.annotations);
const annotationMatchers = { annotation, 'annotation!': noAnnotation };

/** What `status`, `health` and `restart-policy` may be. */
export const STATUSES = ['created', 'exited', 'initialized', 'paused', 'restarting', 'running', 'stopping', 'unknown'];
export const HEALTH = ['healthy', 'none', 'starting', 'unhealthy'];
/** `none`: nobody has asked for one. */
export const POLICIES = ['always', 'no', 'none', 'on-failure', 'unless-stopped'];

/** What runs for ever is started after a boot, unless the user has stopped it and the policy remembers that. */
function shouldStartOnBoot({ config: { restart }, exit }: ContainerRow): boolean {
  return restart.name === 'always' || (restart.name === 'unless-stopped' && exit?.stoppedByUser !== true);
}

function parseExitCode(value: string): number {
  return parseInteger(value, { least: -(2 ** 31), most: 2 ** 31 - 1 });
}

function volumeNames(mount: ContainerConfig['mounts'][number]): string[] {
  if (mount.type === 'volume') return [mount.name, mount.target];
  return mount.type === 'bind' ? [mount.source, mount.target] : [mount.target];
}
