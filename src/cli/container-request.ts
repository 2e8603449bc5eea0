/** The flags of `run` and `create` as a request: what one flag alone cannot know. */
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { hasCode, UsageError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { ContainerRequest, ImageVolumes, MountRequest, PullPolicy } from '../model/container-request.ts';
import type { Environment } from '../model/environment.ts';
import { parseKeyValues } from '../model/key-value.ts';
import { listPorts } from '../model/port-mapping.ts';
import { endsByItself } from '../model/restart-policy.ts';
import type { ContainerFlags } from './container-flags.ts';
import { collectLabels, collectVariables } from './container-request/environment.ts';
import { collectHealth } from './container-request/health.ts';
import { collectLog } from './container-request/log-options.ts';
import { withoutMissing, type Loose } from './container-request/loose.ts';
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
  refuseUnusedDns(flags);
  const overlay = flags.rootfs && image.endsWith(':O');
  return withoutMissing({
    image: overlay ? image.slice(0, -2) : image,
    rootfs: flags.rootfs,
    rootfsOverlay: overlay,
    command,
    entrypoint: given.has('entrypoint') ? parseEntrypoint(flags.entrypoint ?? '') : undefined,
    name: flags.name,
    replace: flags.replace,
    pull: flags.pull as PullPolicy,
    platform: chosenPlatform(flags, process.arch),
    ...registryOptions(flags, given),
    env: collectVariables(flags, environment),
    envMerge: flags['env-merge'] ?? [],
    unsetEnv: flags.unsetenv ?? [],
    unsetEnvAll: flags['unsetenv-all'],
    workdir: flags.workdir,
    user: flags.user,
    groups: flags['group-add'] ?? [],
    tty: flags.tty,
    stdin: flags.interactive || (flags.attach?.includes('stdin') ?? false),
    umask: flags.umask,
    ulimits: flags.ulimit ?? [],
    oomScoreAdj: flags['oom-score-adj'],
    init: flags.init,
    initPath: given.has('init-path') ? resolve(flags['init-path'] ?? '') : undefined,
    preserveFds: flags['preserve-fds'] ?? 0,
    hostname: flags.hostname,
    mounts: collectMounts(flags),
    secrets: flags.secret ?? [],
    volumesFrom: flags['volumes-from'] ?? [],
    imageVolumes: flags['image-volume'] === 'anonymous' ? 'bind' : (flags['image-volume'] as ImageVolumes),
    readOnlyTmpfs: flags['read-only-tmpfs'],
    resources: collectResources(flags),
    cgroups: flags.cgroups === 'disabled' ? 'disabled' : 'enabled',
    cgroupParent: flags['cgroup-parent'],
    userns: chooseUserns(flags, environment),
    network: flags.network,
    exposed: flags.expose?.flatMap(listPorts).map(({ inside }) => inside),
    ports: [...(flags.publish ?? []), ...(flags['publish-all'] ? (flags.expose ?? []) : [])],
    publishAll: flags['publish-all'],
    addHosts: flags['add-host'] ?? [],
    dns: flags.dns ?? [],
    dnsSearch: flags['dns-search'] ?? [],
    dnsOptions: flags['dns-option'] ?? [],
    ...hostsOf(flags),
    pid: flags.pid,
    ipc: flags.ipc,
    uts: flags.uts,
    cgroupns: flags.cgroupns,
    capAdd: flags['cap-add'] ?? [],
    capDrop: flags['cap-drop'] ?? [],
    privileged: flags.privileged,
    ...collectSecurity(flags['security-opt'] ?? []),
    readOnly: flags['read-only'],
    shmSize: flags['shm-size'],
    sysctls: Object.fromEntries((flags.sysctl ?? []).map(({ key, value }) => [key, value])),
    devices: flags.device ?? [],
    chrootDirectories: flags.chrootdirs ?? [],
    noHostname: flags['no-hostname'],
    personality: flags.personality as ContainerRequest['personality'],
    hostUsers: flags.hostuser ?? [],
    deviceRules: flags['device-cgroup-rule'] ?? [],
    timezone: flags.tz,
    accounts: withoutMissing({
      isAdded: flags.passwd,
      passwdEntry: flags['passwd-entry'],
      groupEntry: flags['group-entry'],
    }),
    log: collectLog(flags),
    health: collectHealth(flags),
    restart: restartOf(flags),
    stopSignal: flags['stop-signal'],
    stopTimeout: flags['stop-timeout'],
    lifetime: flags.timeout === 0 ? undefined : flags.timeout,
    requires: flags.requires ?? [],
    pidfile: flags.pidfile === undefined ? undefined : resolve(flags.pidfile),
    monitorPidfile: flags['conmon-pidfile'] === undefined ? undefined : resolve(flags['conmon-pidfile']),
    remove: flags.rm,
    labels: parseKeyValues(collectLabels(flags), 'label'),
    annotations: parseKeyValues(flags.annotation ?? [], 'annotation'),
    systemdNotify: given.has('sdnotify') ? (flags.sdnotify as ContainerRequest['systemdNotify']) : undefined,
    systemd: flags.systemd as ContainerRequest['systemd'],
    detachKeys: flags['detach-keys'],
    cidfile: flags.cidfile,
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

/** A JSON list of strings, or one word. */
function parseEntrypoint(text: string): string[] {
  if (text === '') return [];
  if (!text.startsWith('[')) return [text];
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
  } catch {
    // A program may be called "[".
  }
  return [text];
}

function collectMounts(flags: ContainerFlags): MountRequest[] {
  const given = [...(flags.volume ?? []), ...(flags.mount ?? []), ...(flags.tmpfs ?? [])];
  const byTarget = new Map<string, MountRequest>();
  return given.filter((mount) => {
    if (mount.target === undefined) return true; // The files of a pattern go where they are.
    const path = mount.target.replace(/\/+/g, '/').replace(/\/$/, '');
    const former = byTarget.get(path);
    byTarget.set(path, mount);
    if (former === undefined) return true;
    if (isDeepStrictEqual(former, mount)) return false; // `-v $HOME:$HOME -v $PWD:$PWD` in the home directory.
    throw new UsageError(`two mounts have the destination "${path}"`, { remedy: 'Mount one of them elsewhere.' });
  });
}

function hostsOf(flags: ContainerFlags): Loose<Pick<ContainerRequest, 'noHosts' | 'hostsFile'>> {
  const file = flags['hosts-file'];
  if (flags['no-hosts'] && flags['add-host'] !== undefined) {
    throw new UsageError('--no-hosts leaves /etc/hosts alone, and --add-host writes a line there', {
      remedy: 'Leave out one of them.',
    });
  }
  if (file !== undefined && flags['no-hosts']) {
    throw new UsageError('--no-hosts leaves /etc/hosts alone, and --hosts-file says what it begins with', {
      remedy: 'Leave out one of them.',
    });
  }
  const hostsFile = file === undefined || ['image', 'none'].includes(file) ? file : resolve(file);
  return { noHosts: flags['no-hosts'], hostsFile };
}

/** @throws {UsageError} for name servers where there is no network of its own: podman-run(1) */
function refuseUnusedDns(flags: ContainerFlags): void {
  const kind = flags.network?.kind;
  if (kind !== 'none' && kind !== 'container') return;
  const given = (['dns', 'dns-option', 'dns-search'] as const).find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(`--${given} is no use with --network ${kind}: conflicting options`, {
    remedy: 'Leave out one of them.',
  });
}

function restartOf({ restart, rm }: ContainerFlags): ContainerRequest['restart'] {
  if (rm && restart !== undefined && !endsByItself(restart)) {
    throw new UsageError(`--rm and --restart=${restart.name} exclude each other: one removes what the other keeps`, {
      remedy: 'Leave out one of them, or restart what fails: --restart=on-failure',
    });
  }
  return restart;
}
