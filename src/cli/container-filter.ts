/** The keys of `--filter` of the commands that are about containers. */
import { UsageError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { parseInteger } from '../model/numbers.ts';
import { imageId, imageName, isOver, type ContainerRow } from './views/container-row.ts';
import { hasLabel, matchesExpression, type Matchers } from './filter.ts';
import { parseTimestamp } from './timestamp.ts';

/**
 * The keys of `ps --filter`.
 *
 * @param find finds the container that `before` and `since` name
 */
export function containerMatchers(find: (name: string) => ContainerRow, nowMs: number): Matchers<ContainerRow> {
  return {
    id: ({ config }, value) => config.id.startsWith(value) || matchesExpression(config.id, value),
    name: ({ config }, value) => matchesExpression(config.name, value),
    label: ({ config }, value) => hasLabel(config.labels, value),
    'label!': ({ config }, value) => !hasLabel(config.labels, value),
    status: ({ status }, value) => status === checkStatus(value),
    exited: (row, value) => row.exit?.exitCode === parseExitCode(value) && isOver(row),
    ancestor: (row, value) => isAncestor(row, value),
    volume: ({ config }, value) => config.mounts.some((mount) => volumeNames(mount).includes(value)),
    network: ({ config }, value) => config.network.mode.kind === value,
    before: ({ config }, value) => config.created < find(value).config.created,
    since: ({ config }, value) => config.created > find(value).config.created,
    until: ({ config }, value) => Date.parse(config.created) <= parseTimestamp(value, nowMs),
    health: ({ health }, value) => (health?.status ?? 'none') === checkHealth(value),
    pod: () => false,
    'restart-policy': ({ config }, value) => config.restart.name === value,
    'should-start-on-boot': (row, value) => String(shouldStartOnBoot(row)) === checkBoolean(value),
  };
}

/** What runs for ever is started after a boot, unless the user has stopped it and the policy remembers that. */
function shouldStartOnBoot({ config: { restart }, exit }: ContainerRow): boolean {
  return restart.name === 'always' || (restart.name === 'unless-stopped' && exit?.stoppedByUser !== true);
}

function parseExitCode(value: string): number {
  return parseInteger(value, { least: -(2 ** 31), most: 2 ** 31 - 1 });
}

function checkBoolean(value: string): string {
  if (value === 'true' || value === 'false') return value;
  throw new UsageError(`"${value}" is neither true nor false`, { remedy: 'Write: should-start-on-boot=true' });
}

function checkHealth(value: string): string {
  const known = ['healthy', 'none', 'starting', 'unhealthy'];
  if (known.includes(value)) return value;
  throw new UsageError(`"${value}" is not a state of health`, { remedy: `There are: ${known.join(', ')}` });
}

function checkStatus(value: string): string {
  const status = value === 'stopped' ? 'exited' : value;
  const known = ['created', 'exited', 'initialized', 'paused', 'restarting', 'running', 'stopping', 'unknown'];
  if (known.includes(status)) return status;
  throw new UsageError(`"${value}" is not a status of containers`, { remedy: `There are: ${known.join(', ')}` });
}

/** By name with or without tag, or by the beginning of the id. */
function isAncestor(row: ContainerRow, value: string): boolean {
  const name = imageName(row);
  const untagged = name.replace(/(?::[^/:]+)?(?:@.+)?$/, '');
  return (
    [name, untagged].some((known) => known === value || known.endsWith(`/${value}`)) || imageId(row).startsWith(value)
  );
}

function volumeNames(mount: ContainerConfig['mounts'][number]): string[] {
  if (mount.type === 'volume') return [mount.name, mount.target];
  return mount.type === 'bind' ? [mount.source, mount.target] : [mount.target];
}
