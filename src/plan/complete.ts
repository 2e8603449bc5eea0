/** Fill in a request: the image's defaults, then ours, until a `ContainerConfig` says everything. Pure. */
import { UsageError } from '../errors.ts';
import type {
  ContainerConfig,
  ContainerId,
  ImageUse,
  RootfsUse,
  StorageDriver,
  UsernsMode,
} from '../model/container-config.ts';
import type { ResolvedRequest } from '../model/container-request.ts';
import type { ProcessIdentity } from '../model/container-status.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { Mount } from '../model/mount.ts';
import type { ImageConfig } from '../model/oci-image.ts';
import type { SecretUse } from '../model/secret.ts';
import { listPorts } from '../model/port-mapping.ts';
import { parseSignal } from '../model/signal.ts';
import { completeMounts } from './complete-mounts.ts';
import { canPublish, checkJoinedNetwork, exposedPorts, isOwnNetwork, resolveNetwork } from './complete-network.ts';
import { lookUpContainer, resolveNamespace } from './complete-namespaces.ts';
import { completeProcess } from './complete-process.ts';
import { refuseNul } from './complete-text.ts';
import { refuseContradictions } from './contradictions.ts';
import { completeHealth } from './healthcheck.ts';
import { isForSystemd } from './systemd.ts';

/** bytes: containers.conf(5), shm_size */
const DEFAULT_SHM_SIZE = 65_536_000;
/** seconds: podman-stop(1) */
const DEFAULT_STOP_TIMEOUT = 10;
const SIGTERM = 15;
/** SIGRTMIN+3: systemd(1), "SIGNALS" */
const SYSTEMD_HALT = 37;
/** bytes: large enough for a build, small enough that a forgotten container fills no disk. */
const DEFAULT_LOG_SIZE = 64 * 1024 * 1024;
/** Podman's default_sysctls of containers.conf(5): root may ping without CAP_NET_RAW. */
const DEFAULT_SYSCTLS = { 'net.ipv4.ping_group_range': '0 0' };
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
  /** Lines of /etc/passwd for the users of `--hostuser`. */
  readonly hostEntries: readonly string[];
  /** What `--secret` names. */
  readonly secrets: readonly SecretUse[];
  /** The CLI, when it starts the container right away. */
  readonly starter?: ProcessIdentity | undefined;
  /** A fresh name for an anonymous volume: 64 hexadecimal digits. */
  readonly newVolumeName: () => string;
}

/** What an image says about the containers made of it. */
export type ImageDefaults = NonNullable<ImageConfig['config']>;

/** @throws {UsageError} when there is no command, or flags contradict each other */
export function completeConfig(input: CompletionInput): ContainerConfig {
  const { request, root, facts, containers } = input;
  const image: ImageDefaults = ('imageConfig' in root ? root.imageConfig.config : undefined) ?? {};
  refuseContradictions(request);
  const network = resolveNetwork(request.network, { facts, containers });
  checkJoinedNetwork(network, request.userns);
  const pid = resolveNamespace(request.pid, containers);
  const uts = resolveNamespace(request.uts, containers);
  if (uts.kind === 'host' && request.hostname !== undefined) {
    throw new UsageError('cannot set the host name when running in the host UTS namespace: --hostname and --uts=host', {
      remedy: 'Leave out one of them.',
    });
  }
  const isNamedAsHost = uts.kind === 'host' || network.kind === 'host';
  const hostname = request.hostname ?? (isNamedAsHost ? facts.hostname : input.id.slice(0, 12));
  const exposed = [
    ...new Set([
      ...(request.exposed ?? []),
      ...exposedPorts(image)
        .flatMap(listPorts)
        .map(({ inside }) => inside),
    ]),
  ];
  const health = completeHealth(request.health, image.Healthcheck);
  const process = completeProcess(input, image, hostname);
  const mounts = completeMounts(input, image);
  refuseNul({ process, mounts, ...(health === undefined ? {} : { health }) }, image, request.image);
  const systemd = isForSystemd(request.systemd, process);
  return {
    version: 1,
    id: input.id,
    name: input.name,
    created: input.created,
    root: 'image' in root ? { image: root.image } : { rootfs: root.rootfs },
    storageDriver: input.storageDriver,
    process,
    hostname,
    mounts,
    ...(input.secrets.length === 0 ? {} : { secrets: input.secrets }),
    resources: request.resources,
    cgroups: request.cgroups,
    ...(request.cgroupParent === undefined ? {} : { cgroupParent: request.cgroupParent }),
    userns: completeUserns(request.userns, facts),
    network: {
      mode: network,
      ports: canPublish(network) ? [...request.ports, ...(request.publishAll ? exposedPorts(image) : [])] : [],
      ...(exposed.length === 0 ? {} : { exposed }),
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
      seccomp: request.seccomp ?? 'default',
      ...(request.accessControl === undefined ? {} : { accessControl: request.accessControl }),
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
    ...(request.chrootDirectories.length === 0 ? {} : { chrootDirectories: request.chrootDirectories }),
    ...(request.noHostname ? { noHostname: true } : {}),
    accounts: { ...request.accounts, ...(input.hostEntries.length === 0 ? {} : { hostEntries: input.hostEntries }) },
    log: { driver: 'k8s-file', maxSize: DEFAULT_LOG_SIZE, ...request.log },
    ...(health === undefined ? {} : { health }),
    ...(request.health === 'disabled' ? { noHealthcheck: true } : {}),
    restart: request.restart ?? { name: 'no', isImplied: true },
    stopSignal: request.stopSignal ?? stopSignalOf(image) ?? (systemd ? SYSTEMD_HALT : SIGTERM),
    stopTimeout: request.stopTimeout ?? DEFAULT_STOP_TIMEOUT,
    ...completeLife(request, containers),
    remove: request.remove,
    ...(input.starter !== undefined ? { starter: input.starter } : {}),
    labels: { ...image.Labels, ...request.labels },
    annotations: request.annotations,
    systemdNotify: request.systemdNotify ?? 'container',
    ...(systemd ? { systemd } : {}),
    detachKeys: request.detachKeys ?? DEFAULT_DETACH_KEYS,
    createCommand: request.createCommand,
    ...(request.createDirectory === undefined ? {} : { createDirectory: request.createDirectory }),
  };
}

/** Whose ids keep-id keeps is settled here: `tspod unshare`, where the user is root, works on the container, too. */
function completeUserns(asked: ResolvedRequest['userns'] = { kind: 'host' }, { uid, gid }: HostFacts): UsernsMode {
  return asked.kind === 'keep-id' ? { uid, gid, ...asked } : asked;
}

function stopSignalOf({ StopSignal }: ImageDefaults): number | undefined {
  return StopSignal === undefined ? undefined : parseSignal(StopSignal);
}

type Life = Pick<ContainerConfig, 'lifetime' | 'requires' | 'volumesFrom' | 'pidfile' | 'monitorPidfile' | 'cidfile'>;

function completeLife(request: ResolvedRequest, containers: CompletionInput['containers']): Life {
  const { lifetime, requires, volumesFrom, pidfile, monitorPidfile, cidfile } = request;
  return {
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(requires.length === 0 ? {} : { requires: requires.map((name) => lookUpContainer(name, containers)) }),
    ...(volumesFrom.length === 0
      ? {}
      : { volumesFrom: volumesFrom.map(({ container, options }) => [container, ...options].join(':')) }),
    ...(pidfile === undefined ? {} : { pidfile }),
    ...(monitorPidfile === undefined ? {} : { monitorPidfile }),
    ...(cidfile === undefined ? {} : { cidfile }),
  };
}
