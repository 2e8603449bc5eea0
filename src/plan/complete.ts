/** Fill in a request: the image's defaults, then ours, until a `ContainerConfig` says everything. Pure. */
import { UsageError } from '../errors.ts';
import type {
  ContainerConfig,
  ContainerId,
  ImageUse,
  NamespaceMode,
  NetworkMode,
  ProcessConfig,
  RootfsUse,
  StorageDriver,
  UsernsMode,
} from '../model/container-config.ts';
import type { MountRequest, NamespaceRequest, NetworkRequest, ResolvedRequest } from '../model/container-request.ts';
import type { ProcessIdentity } from '../model/container-status.ts';
import { expandVariables } from '../model/environment.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { Mount } from '../model/mount.ts';
import type { ImageConfig } from '../model/oci-image.ts';
import type { PortMapping } from '../model/port-mapping.ts';
import { completeHealth } from './healthcheck.ts';
import { parseSignal } from '../model/signal.ts';
import { parseSlirpOptions } from './slirp4netns.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const DEFAULT_UMASK = 0o022;
/** bytes: containers.conf(5), shm_size */
const DEFAULT_SHM_SIZE = 65_536_000;
/** seconds: podman-stop(1) */
const DEFAULT_STOP_TIMEOUT = 10;
const SIGTERM = 15;
/** bytes: large enough for a build, small enough that a forgotten container fills no disk. */
const DEFAULT_LOG_SIZE = 64 * 1024 * 1024;
/** Podman's default_sysctls of containers.conf(5): root may ping without CAP_NET_RAW. */
const DEFAULT_SYSCTLS = { 'net.ipv4.ping_group_range': '0 0' };
const SCRATCH_OPTIONS = ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup'];
const DEFAULT_DETACH_KEYS = 'ctrl-p,ctrl-q';

export interface CompletionInput {
  readonly request: ResolvedRequest;
  readonly root: { readonly image: ImageUse; readonly imageConfig: ImageConfig } | { readonly rootfs: RootfsUse };
  readonly facts: HostFacts;
  readonly storageDriver: StorageDriver;
  readonly id: ContainerId;
  readonly name: string;
  /** RFC 3339 */
  readonly created: string;
  /** The containers that namespaces were asked of, by the text the user gave. */
  readonly containers: Readonly<Record<string, ContainerId>>;
  /** The mounts of the containers of `--volumes-from`, with their new options. */
  readonly borrowedMounts: readonly Mount[];
  /** The CLI, when it starts the container right away. */
  readonly starter?: ProcessIdentity | undefined;
  /** A fresh name for an anonymous volume: 64 hexadecimal digits. */
  readonly newVolumeName: () => string;
}

type ImageDefaults = NonNullable<ImageConfig['config']>;

/** @throws {UsageError} when there is no command, or flags contradict each other */
export function completeConfig(input: CompletionInput): ContainerConfig {
  const { request, root, facts, containers } = input;
  const image: ImageDefaults = ('imageConfig' in root ? root.imageConfig.config : undefined) ?? {};
  const network = resolveNetwork(request.network, facts, containers);
  checkJoinedNetwork(network, request.userns);
  const pid = resolveNamespace(request.pid, containers);
  const uts =
    request.uts === undefined && request.hostname === undefined && network.kind === 'host'
      ? { kind: 'host' as const }
      : resolveNamespace(request.uts, containers);
  if (uts.kind === 'host' && request.hostname !== undefined) {
    throw new UsageError('cannot set the host name when running in the host UTS namespace: --hostname and --uts=host', {
      remedy: 'Leave out one of them.',
    });
  }
  const hostname = request.hostname ?? (uts.kind === 'host' ? facts.hostname : input.id.slice(0, 12));
  const health = completeHealth(request.health, image.Healthcheck);
  return {
    version: 1,
    id: input.id,
    name: input.name,
    created: input.created,
    root: 'image' in root ? { image: root.image } : { rootfs: root.rootfs },
    storageDriver: input.storageDriver,
    process: completeProcess(input, image, hostname),
    hostname,
    mounts: completeMounts(input, image),
    resources: request.resources,
    cgroups: request.cgroups,
    ...(request.cgroupParent === undefined ? {} : { cgroupParent: request.cgroupParent }),
    userns: request.userns ?? { kind: 'host' },
    network: {
      mode: network,
      ports: [...request.ports, ...(request.publishAll ? exposedPorts(image) : [])],
      publishAll: request.publishAll,
      addHosts: request.addHosts,
      dns: request.dns,
      dnsSearch: request.dnsSearch,
      dnsOptions: request.dnsOptions,
      noHosts: request.noHosts,
      ...(request.hostsFile === undefined ? {} : { hostsFile: request.hostsFile }),
    },
    pid,
    ipc: resolveNamespace(request.ipc ?? { kind: 'private', scope: 'shareable' }, containers),
    uts,
    cgroupns: resolveNamespace(request.cgroupns, containers),
    security: {
      capAdd: request.capAdd,
      capDrop: request.capDrop,
      privileged: request.privileged,
      noNewPrivileges: request.noNewPrivileges,
      seccomp: request.seccomp ?? (request.privileged ? 'unconfined' : 'default'),
      mask: request.mask,
      unmask: request.unmask,
      readOnly: request.readOnly,
      ...(request.procOptions.length === 0 ? {} : { procOptions: request.procOptions }),
    },
    shmSize: request.shmSize ?? DEFAULT_SHM_SIZE,
    sysctls: { ...(isOwnNetwork(network, request.userns) ? DEFAULT_SYSCTLS : {}), ...request.sysctls },
    devices: request.devices,
    ...(request.deviceRules.length === 0 ? {} : { deviceRules: request.deviceRules }),
    ...(request.timezone === undefined ? {} : { timezone: request.timezone }),
    accounts: request.accounts,
    log: { driver: 'k8s-file', maxSize: DEFAULT_LOG_SIZE, ...request.log },
    ...(health === undefined ? {} : { health }),
    restart: request.restart ?? { name: 'no' },
    stopSignal: request.stopSignal ?? (image.StopSignal === undefined ? SIGTERM : parseSignal(image.StopSignal)),
    stopTimeout: request.stopTimeout ?? DEFAULT_STOP_TIMEOUT,
    ...completeLife(request, containers),
    remove: request.remove,
    ...(request.remove && input.starter !== undefined ? { starter: input.starter } : {}),
    labels: { ...image.Labels, ...request.labels },
    annotations: request.annotations,
    systemdNotify: request.systemdNotify ?? 'container',
    detachKeys: request.detachKeys ?? DEFAULT_DETACH_KEYS,
    createCommand: request.createCommand,
  };
}

type Life = Pick<ContainerConfig, 'lifetime' | 'requires' | 'volumesFrom' | 'pidfile' | 'monitorPidfile' | 'cidfile'>;

function completeLife(request: ResolvedRequest, containers: CompletionInput['containers']): Life {
  const { lifetime, requires, volumesFrom, pidfile, monitorPidfile, cidfile } = request;
  return {
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(requires.length === 0 ? {} : { requires: requires.map((name) => lookUp(name, containers)) }),
    ...(volumesFrom.length === 0
      ? {}
      : { volumesFrom: volumesFrom.map(({ container, options }) => [container, ...options].join(':')) }),
    ...(pidfile === undefined ? {} : { pidfile }),
    ...(monitorPidfile === undefined ? {} : { monitorPidfile }),
    ...(cidfile === undefined ? {} : { cidfile }),
  };
}

function completeProcess({ request, facts }: CompletionInput, image: ImageDefaults, hostname: string): ProcessConfig {
  const entrypoint = request.entrypoint ?? image.Entrypoint ?? [];
  // The image's command belongs to the image's entrypoint: a new one starts without it.
  const command = request.command.length > 0 || request.entrypoint !== undefined ? request.command : (image.Cmd ?? []);
  if (entrypoint.length === 0 && command.length === 0) {
    throw new UsageError(`no command or entrypoint provided, and the image "${request.image}" has none`, {
      remedy: `Give a command: tspod run ${request.image} sh`,
    });
  }
  return {
    entrypoint,
    command,
    env: completeEnv(request, image, hostname),
    workdir: request.workdir ?? (image.WorkingDir || '/'),
    makeWorkdir: request.workdir === undefined || request.workdir === image.WorkingDir,
    user: request.user ?? keptUser(request.userns, facts) ?? image.User ?? '',
    groups: request.groups,
    tty: request.tty,
    stdin: request.stdin,
    umask: request.umask ?? DEFAULT_UMASK,
    ulimits: request.ulimits,
    ...(request.oomScoreAdj === undefined ? {} : { oomScoreAdj: request.oomScoreAdj }),
    init: request.init,
    ...(request.initPath === undefined ? {} : { initPath: request.initPath }),
    preserveFds: request.preserveFds,
  };
}

/** keep-id starts the process as the user itself, whatever the image says. */
function keptUser(userns: UsernsMode | undefined, { uid, gid }: HostFacts): string | undefined {
  return userns?.kind === 'keep-id' ? `${userns.uid ?? uid}:${userns.gid ?? gid}` : undefined;
}

/** Ours, then the image's, then the user's: later ones win, a name keeps its first place. HOME is init's, who knows the user. */
function completeEnv(request: ResolvedRequest, image: ImageDefaults, hostname: string): string[] {
  const env = new Map<string, string>();
  const add = (entries: readonly string[]) => {
    for (const entry of entries) env.set(entry.split('=', 1)[0] ?? entry, entry);
  };
  add([`PATH=${DEFAULT_PATH}`, 'TERM=xterm', 'container=podman']);
  add(image.Env ?? []);
  add([`HOSTNAME=${hostname}`]);
  const ofImage = new Map([...env].map(([name, entry]) => [name, entry.slice(name.length + 1)]));
  for (const entry of request.envMerge) {
    const name = entry.split('=', 1)[0] ?? entry;
    if (env.has(name)) env.set(name, `${name}=${expandVariables(entry.slice(name.length + 1), ofImage)}`);
  }
  if (request.unsetEnvAll) env.clear();
  for (const name of request.unsetEnv) env.delete(name);
  add(request.env);
  return [...env.values()];
}

/** The image's volumes get an anonymous one each, unless the user mounts something there. */
function completeMounts({ request, newVolumeName, borrowedMounts }: CompletionInput, image: ImageDefaults): Mount[] {
  const own = request.mounts.map((mount) => completeMount(mount, newVolumeName));
  const ownTargets = new Set(own.map((mount) => mount.target));
  const asked = [...own, ...borrowedMounts.filter(({ target }) => !ownTargets.has(target))];
  const targets = new Set(asked.map((mount) => mount.target));
  const twice = asked.find((mount, index) => asked.findIndex((other) => other.target === mount.target) !== index);
  if (twice !== undefined) {
    throw new UsageError(`two mounts have the target "${twice.target}": duplicate mount destination`, {
      remedy: 'Leave one of them out.',
    });
  }
  const ofImage = Object.keys(image.Volumes ?? {})
    .filter((target) => !targets.has(target) && request.imageVolumes !== 'ignore')
    .map((target): Mount =>
      request.imageVolumes === 'tmpfs'
        ? { type: 'tmpfs', target, options: SCRATCH_OPTIONS }
        : { type: 'volume', name: newVolumeName(), target, options: [], anonymous: true },
    );
  const scratch =
    request.readOnly && request.readOnlyTmpfs
      ? ['/run', '/tmp', '/var/tmp']
          .filter((target) => !targets.has(target))
          .map((target): Mount => ({ type: 'tmpfs', target, options: SCRATCH_OPTIONS }))
      : [];
  return [...asked, ...ofImage, ...scratch];
}

function completeMount(mount: MountRequest, newVolumeName: () => string): Mount {
  if (mount.type !== 'volume') return mount;
  return { ...mount, name: mount.name ?? newVolumeName(), anonymous: mount.name === undefined };
}

function resolveNamespace(
  request: NamespaceRequest | undefined,
  containers: CompletionInput['containers'],
): NamespaceMode {
  if (request === undefined) return { kind: 'private' };
  return request.kind === 'container' ? { kind: 'container', id: lookUp(request.name, containers) } : request;
}

/** Without slirp4netns a container has no network: run says so, and does not stop. */
function resolveNetwork(
  request: NetworkRequest | undefined,
  facts: HostFacts,
  containers: CompletionInput['containers'],
): NetworkMode {
  if (request === undefined || request.kind === 'private') {
    return facts.helpers.slirp4netns === undefined ? { kind: 'none' } : { kind: 'slirp4netns', options: {} };
  }
  if (request.kind === 'slirp4netns') parseSlirpOptions(request.options); // Now, not at the first start.
  return request.kind === 'container' ? { kind: 'container', id: lookUp(request.name, containers) } : request;
}

/** A process gets into a network namespace by way of its owner's user namespace, and takes the ids of that. */
function checkJoinedNetwork({ kind }: NetworkMode, userns: UsernsMode | undefined): void {
  if (kind === 'path' && userns !== undefined && userns.kind !== 'host') {
    throw new UsageError(`--network=ns:PATH cannot be joined with --userns=${userns.kind}`, {
      remedy: 'The ids are those of the namespace that owns the network: leave --userns out.',
    });
  }
}

/** A network namespace made for the container, whose sysctls are its own; a nested user namespace does not own it. */
function isOwnNetwork({ kind }: NetworkMode, userns: UsernsMode | undefined): boolean {
  if (userns !== undefined && ['auto', 'mapped', 'nomap'].includes(userns.kind)) return false;
  return kind === 'slirp4netns' || kind === 'pasta' || kind === 'none' || kind === 'private';
}

function lookUp(text: string, containers: CompletionInput['containers']): ContainerId {
  const id = containers[text];
  if (id === undefined) throw new Error(`the container "${text}" was not looked up`);
  return id;
}

/** `80/tcp`, `53/udp`, `80`; the host's port 0 is any that is free. */
function exposedPorts(image: ImageDefaults): PortMapping[] {
  return Object.keys(image.ExposedPorts ?? {}).flatMap((text) => {
    const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/.exec(text);
    if (match === null) return [];
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    return Array.from({ length: last - first + 1 }, (_, index): PortMapping => ({
      hostIp: '',
      hostPort: 0,
      containerPort: first + index,
      range: 1,
      protocol: match[3] === 'udp' ? 'udp' : 'tcp',
    }));
  });
}
