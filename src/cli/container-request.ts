/** The flags of `run` and `create` as a request: what one flag alone cannot know. */
import { readFileSync } from 'node:fs';
import { TspodError, UsageError } from '../errors.ts';
import { parseBytesOrUnlimited } from '../model/bytes.ts';
import type { LogDriver, ResourceConfig, UsernsMode } from '../model/container-config.ts';
import type { ContainerRequest, MountRequest, PullPolicy } from '../model/container-request.ts';
import { parseEnvironmentFile, resolveVariable, type Environment } from '../model/environment.ts';
import { parseKeyValueLines, parseKeyValues } from '../model/key-value.ts';
import { hostPlatform, parsePlatform } from '../model/platform.ts';
import type { ContainerFlags } from './container-flags.ts';

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
    platform: platformOf(flags),
    tlsVerify: given.has('tls-verify') ? flags['tls-verify'] : undefined,
    authFile: flags.authfile,
    quiet: flags.quiet,
    env: collectVariables(flags, environment),
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
    preserveFds: flags['preserve-fds'] ?? 0,
    hostname: flags.hostname,
    mounts: collectMounts(flags),
    readOnlyTmpfs: flags['read-only-tmpfs'],
    resources: collectResources(flags),
    cgroups: flags.cgroups === 'disabled' ? 'disabled' : 'enabled',
    cgroupParent: flags['cgroup-parent'],
    userns: usernsOf(flags),
    network: flags.network,
    ports: [...(flags.publish ?? []), ...(flags['publish-all'] ? (flags.expose ?? []) : [])],
    publishAll: flags['publish-all'],
    addHosts: flags['add-host'] ?? [],
    dns: flags.dns ?? [],
    dnsSearch: flags['dns-search'] ?? [],
    dnsOptions: flags['dns-option'] ?? [],
    noHosts: flags['no-hosts'],
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
    logDriver: given.has('log-driver') ? (flags['log-driver'] as LogDriver) : undefined,
    ...collectLogOptions(flags['log-opt'] ?? []),
    restart: restartOf(flags),
    stopSignal: flags['stop-signal'],
    stopTimeout: flags['stop-timeout'],
    remove: flags.rm,
    labels: parseKeyValues(collectLabels(flags), 'label'),
    annotations: parseKeyValues(flags.annotation ?? [], 'annotation'),
    systemdNotify: given.has('sdnotify') ? (flags.sdnotify as ContainerRequest['systemdNotify']) : undefined,
    detachKeys: flags['detach-keys'],
    cidfile: flags.cidfile,
    createCommand,
  });
}

/** A field of the request is absent where a flag was not given. */
type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined };

function withoutMissing<T extends object>(fields: Loose<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
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

function platformOf(flags: ContainerFlags): ContainerRequest['platform'] {
  const { arch, os, variant, platform } = flags;
  if (arch === undefined && os === undefined && variant === undefined) return platform;
  if (platform !== undefined) {
    throw new UsageError('--platform already says what --arch, --os and --variant say', {
      remedy: 'Give either: --platform linux/arm64',
    });
  }
  const host = hostPlatform(process.arch);
  return parsePlatform(
    [os ?? host.os, arch ?? host.architecture, ...(variant === undefined ? [] : [variant])].join('/'),
  );
}

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy'];

/** From the general to the particular: later ones win. */
function collectVariables(flags: ContainerFlags, environment: Environment): string[] {
  const proxies = PROXY_VARIABLES.flatMap((name) => [name, name.toUpperCase()]);
  const resolve = (name: string) => resolveVariable(name, environment);
  return [
    ...(flags['http-proxy'] ? proxies.flatMap(resolve) : []),
    ...(flags['env-host'] ? Object.keys(environment).flatMap(resolve) : []),
    ...(flags['env-file'] ?? []).flatMap((path) => parseEnvironmentFile(readText(path), path, environment)),
    ...(flags.env ?? []).flatMap(resolve),
  ];
}

function collectLabels(flags: ContainerFlags): string[] {
  const files = flags['label-file'] ?? [];
  return [...files.flatMap((path) => parseKeyValueLines(readText(path))), ...(flags.label ?? [])];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TspodError(`cannot read "${path}": ${(cause as Error).message}`, { cause });
  }
}

function collectMounts(flags: ContainerFlags): MountRequest[] {
  const mounts = [...(flags.volume ?? []), ...(flags.mount ?? []), ...(flags.tmpfs ?? [])];
  const targets = new Set<string>();
  for (const { target } of mounts) {
    const path = target.replace(/\/+/g, '/').replace(/\/$/, '');
    if (targets.has(path)) {
      throw new UsageError(`two mounts have the destination "${path}"`, { remedy: 'Mount one of them elsewhere.' });
    }
    targets.add(path);
  }
  return mounts;
}

function collectResources(flags: ContainerFlags): ResourceConfig {
  const { cpus, memory } = flags;
  const memorySwap = flags['memory-swap'];
  if (flags.cpus && (flags['cpu-quota'] !== undefined || flags['cpu-period'] !== undefined)) {
    throw new UsageError('--cpus already sets what --cpu-quota and --cpu-period set', { remedy: 'Give either.' });
  }
  if (memorySwap !== undefined && memorySwap !== -1) {
    if (memory === undefined) {
      throw new UsageError('--memory-swap counts memory too, and there is no --memory', {
        remedy: 'Give both: --memory 512m --memory-swap 1g',
      });
    }
    if (memorySwap < memory) {
      throw new UsageError('--memory-swap counts memory too, and is smaller than --memory', {
        remedy: 'Make it at least as large: --memory 512m --memory-swap 1g',
      });
    }
  }
  return withoutMissing<ResourceConfig>({
    memoryMax: memory === 0 ? undefined : memory,
    memorySwap: memorySwap === 0 ? undefined : memorySwap,
    memoryReservation: flags['memory-reservation'],
    cpuQuotaUs: cpus?.cpuQuotaUs ?? flags['cpu-quota'],
    cpuPeriodUs: cpus?.cpuPeriodUs ?? flags['cpu-period'],
    cpuShares: flags['cpu-shares'],
    cpusetCpus: flags['cpuset-cpus'],
    cpusetMems: flags['cpuset-mems'],
    pidsMax: flags['pids-limit'] === 0 ? -1 : flags['pids-limit'],
  });
}

function usernsOf({ userns, uidmap, gidmap }: ContainerFlags): UsernsMode | undefined {
  if (uidmap === undefined && gidmap === undefined) return userns;
  if (userns !== undefined) {
    throw new UsageError('--userns and --uidmap or --gidmap exclude each other', { remedy: 'Give either.' });
  }
  // Given one of them, the other is the same: podman-run(1).
  return { kind: 'mapped', uidMap: uidmap ?? gidmap ?? [], gidMap: gidmap ?? uidmap ?? [] };
}

type Security = Pick<ContainerRequest, 'noNewPrivileges' | 'seccomp' | 'mask' | 'unmask'>;

function collectSecurity(options: readonly string[]): Loose<Security> {
  let noNewPrivileges = false;
  let seccomp: string | undefined;
  const mask: string[] = [];
  const unmask: string[] = [];
  for (const option of options) {
    const [, key = option, value = ''] = /^([\w-]+)[=:](.*)$/s.exec(option) ?? [];
    if (key === 'no-new-privileges' && ['', 'true', 'false'].includes(value)) noNewPrivileges = value !== 'false';
    else if (key === 'seccomp' && value !== '') seccomp = value;
    else if (key === 'mask' && isPathList(value)) mask.push(...value.split(':'));
    else if (key === 'unmask' && (value.toUpperCase() === 'ALL' || isPathList(value))) unmask.push(...value.split(':'));
    else if (key === 'systempaths' && value === 'unconfined') unmask.push('ALL');
    else if (!(key === 'label' || (key === 'apparmor' && value === 'unconfined'))) {
      throw new UsageError(`"${option}" is not a security option`, {
        remedy: 'There are seccomp=FILE|unconfined, no-new-privileges, mask=/PATH:/PATH, unmask=/PATH:/PATH|ALL',
      });
    }
  }
  return { noNewPrivileges, seccomp, mask, unmask };
}

function isPathList(text: string): boolean {
  return text.split(':').every((path) => path.startsWith('/'));
}

function collectLogOptions(options: readonly string[]): { logPath?: string; logMaxSize?: number } {
  let logPath: string | undefined;
  let logMaxSize: number | undefined;
  for (const option of options) {
    const equals = option.indexOf('=');
    const [key, value] = [option.slice(0, equals), option.slice(equals + 1)];
    if (key === 'path' && value.startsWith('/')) logPath = value;
    else if (key === 'max-size') logMaxSize = parseBytesOrUnlimited(value);
    else if (key !== 'max-file' && key !== 'tag') {
      throw new UsageError(`"${option}" is not an option of a log`, {
        remedy: 'There are path=/FILE and max-size=SIZE: max-size=10m',
      });
    }
  }
  return { ...(logPath === undefined ? {} : { logPath }), ...(logMaxSize === undefined ? {} : { logMaxSize }) };
}

function restartOf({ restart, rm }: ContainerFlags): ContainerRequest['restart'] {
  if (rm && restart !== undefined && restart.name !== 'no') {
    throw new UsageError(`--rm and --restart=${restart.name} exclude each other: one removes what the other keeps`, {
      remedy: 'Leave out one of them.',
    });
  }
  return restart;
}
