/** The flags of `run` and `create` as a request: what one flag alone cannot know. */
import { hasCode, UsageError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { ContainerRequest, PullPolicy } from '../model/container-request.ts';
import type { Environment } from '../model/environment.ts';
import { parseKeyValues } from '../model/key-value.ts';
import type { ContainerFlags } from './container-flags.ts';
import { collectLabels } from './container-request/environment.ts';
import { collectFiles } from './container-request/files.ts';
import { collectHealth } from './container-request/health.ts';
import { collectLife } from './container-request/life.ts';
import { collectLog } from './container-request/log-options.ts';
import { withoutMissing } from './container-request/loose.ts';
import { collectNetwork } from './container-request/network.ts';
import { collectProcess } from './container-request/process.ts';
import { collectResources } from './container-request/resources.ts';
import { collectSecurity } from './container-request/security-options.ts';
import { chooseUserns } from './container-request/userns.ts';
import { chosenPlatform, registryOptions } from './registry-flags.ts';

export interface RequestContext {
  /** The flags that stood on the command line. */
  readonly given: ReadonlySet<string>;
  readonly environment: Environment;
  /** The whole command line, for `inspect` and `generate systemd --new`. */
  readonly createCommand: readonly string[];
}

/**
 * Make a request of the flags and arguments of `run` or `create`.
 *
 * @param argv the image, then the command
 * @throws {UsageError} when flags contradict each other, or a file that they name cannot be read
 */
export function toContainerRequest(
  flags: ContainerFlags,
  argv: readonly string[],
  { given, environment, createCommand }: RequestContext,
): ContainerRequest {
  const [image = '', ...command] = argv;
  if (flags.replace && flags.name === undefined) {
    throw new UsageError('cannot replace container without --name being set', {
      remedy: 'Say which: --replace --name web',
    });
  }
  const overlay = flags.rootfs && image.endsWith(':O');
  return withoutMissing({
    image: overlay ? image.slice(0, -2) : image,
    rootfs: flags.rootfs,
    rootfsOverlay: overlay,
    name: flags.name,
    replace: flags.replace,
    pull: flags.pull as PullPolicy,
    platform: chosenPlatform(flags, process.arch),
    ...registryOptions(flags, given),
    command,
    ...collectProcess(flags, { given, environment }),
    ...collectFiles(flags),
    ...collectNetwork(flags),
    resources: collectResources(flags),
    cgroups: flags.cgroups === 'disabled' ? 'disabled' : 'enabled',
    cgroupParent: flags['cgroup-parent'],
    cgroupns: flags.cgroupns,
    shmSize: flags['shm-size'],
    userns: chooseUserns(flags, environment),
    pid: flags.pid,
    ipc: flags.ipc,
    uts: flags.uts,
    capAdd: flags['cap-add'] ?? [],
    capDrop: flags['cap-drop'] ?? [],
    privileged: flags.privileged,
    ...collectSecurity(flags['security-opt'] ?? []),
    sysctls: Object.fromEntries((flags.sysctl ?? []).map(({ key, value }) => [key, value])),
    log: collectLog(flags),
    health: collectHealth(flags),
    ...collectLife(flags, given),
    labels: parseKeyValues(collectLabels(flags), 'label'),
    annotations: parseKeyValues(flags.annotation ?? [], 'annotation'),
    createCommand,
    createDirectory: currentDirectory(),
  });
}

/** What to say when ports were asked for that nobody publishes; nothing when all is well. */
export function explainUnpublished(request: ContainerRequest, { network }: ContainerConfig): string {
  const { kind } = network.mode;
  const isAsked = request.ports.length > 0 || request.publishAll;
  if (!isAsked || kind === 'slirp4netns' || kind === 'pasta') return '';
  return `Warning: ports are not published with the network "${kind}": --publish and --publish-all are left out\n`;
}

function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
