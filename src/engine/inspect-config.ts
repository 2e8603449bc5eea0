/** The `Config` and `HostConfig` of `inspect`: the flags that made a container, in Podman's words. */
import type { ContainerConfig, NamespaceMode, NetworkConfig, NetworkMode } from '../model/container-config.ts';
import { cgroupManagerName, type HostFacts } from '../model/host-facts.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import { hasLogFile } from '../model/log.ts';
import type { IdMaps } from '../plan/runtime-plan.ts';
import { compileCapabilities, DEFAULT_CAPABILITIES } from '../plan/security.ts';
import { containerPath } from '../store/container-paths.ts';
import { inspectAnnotations } from './inspect-annotations.ts';
import { inspectHealthConfig } from './inspect-health.ts';
import { bindText, tmpfsText } from './inspect-mounts.ts';
import { inspectResources } from './inspect-resources.ts';

/** `Config` of `inspect`: what the image or the user chose for the process. */
export function inspectConfig(config: ContainerConfig) {
  const { process } = config;
  return {
    Hostname: config.hostname,
    Domainname: '',
    User: process.user,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: process.tty,
    OpenStdin: process.stdin,
    StdinOnce: false,
    Env: process.env,
    Cmd: process.command,
    Image: 'image' in config.root ? config.root.image.name : '',
    ...(config.network.exposed === undefined
      ? {}
      : {
          ExposedPorts: Object.fromEntries(config.network.exposed.map((port) => [port, {}])) as Record<string, object>,
        }),
    Volumes: null,
    WorkingDir: process.workdir,
    Entrypoint: process.entrypoint.join(' '),
    OnBuild: null,
    Labels: Object.keys(config.labels).length === 0 ? null : config.labels,
    Annotations: inspectAnnotations(config),
    StopSignal: config.stopSignal,
    CreateCommand: config.createCommand,
    ...(config.systemd === undefined ? {} : { SystemdMode: true }),
    Umask: process.umask.toString(8).padStart(4, '0'),
    ...(config.timezone === undefined ? {} : { Timezone: config.timezone }),
    Timeout: config.lifetime ?? 0,
    StopTimeout: config.stopTimeout,
    ...inspectSecrets(config.secrets),
    Passwd: config.accounts?.isAdded ?? true,
    ...(config.chrootDirectories === undefined ? {} : { ChrootDirs: config.chrootDirectories }),
    sdNotifyMode: config.systemdNotify,
    ...inspectHealthConfig(config),
  };
}

/** Where they go, never what they are; variables are not among them, as in Podman. */
function inspectSecrets(secrets: ContainerConfig['secrets'] = []) {
  const files = secrets.flatMap((secret) => (secret.kind === 'mount' ? [secret] : []));
  if (files.length === 0) return {};
  return {
    Secrets: files.map(({ name, id, uid, gid, mode }) => ({ Name: name, ID: id, UID: uid, GID: gid, Mode: mode })),
  };
}

/** `HostConfig` of `inspect`: what ties the container to this host. */
export function inspectHostConfig(config: ContainerConfig, maps: IdMaps['init'], facts: HostFacts) {
  const { security, network } = config;
  return {
    Annotations: inspectAnnotations(config),
    Binds: config.mounts.flatMap(bindText),
    CgroupManager: cgroupManagerName(facts),
    ContainerIDFile: config.cidfile ?? '',
    CgroupMode: modeText(config.cgroupns),
    LogConfig: {
      Type: config.log.driver,
      Config: null,
      Path: hasLogFile(config.log.driver) ? (config.log.path ?? containerPath(config.id, 'ctr.log')) : '',
      Tag: config.log.tag ?? '',
      Size: `${config.log.maxSize}B`,
    },
    NetworkMode: networkText(network.mode),
    PortBindings: inspectPorts(network),
    RestartPolicy: {
      Name: config.restart.name === 'no' && config.restart.isImplied ? '' : config.restart.name,
      MaximumRetryCount: config.restart.name === 'on-failure' ? config.restart.maxRetries : 0,
    },
    AutoRemove: config.remove,
    VolumeDriver: '',
    VolumesFrom: config.volumesFrom ?? null,
    ...inspectCapabilities(config),
    Dns: network.dns,
    DnsOptions: network.dnsOptions,
    DnsSearch: network.dnsSearch,
    ExtraHosts: network.addHosts,
    GroupAdd: config.process.groups,
    Cgroup: '',
    Links: null,
    IpcMode: modeText(config.ipc),
    OomScoreAdj: config.process.oomScoreAdj ?? 0,
    PidMode: modeText(config.pid),
    Privileged: security.privileged,
    PublishAllPorts: network.publishAll,
    ReadonlyRootfs: security.readOnly,
    SecurityOpt: [
      ...(security.noNewPrivileges ? ['no-new-privileges'] : []),
      ...(security.seccomp === 'default' ? [] : [`seccomp=${security.seccomp}`]),
      ...(security.accessControl ?? []),
    ],
    Tmpfs: Object.fromEntries(
      config.mounts.flatMap((mount) => (mount.type === 'tmpfs' ? [[mount.target, tmpfsText(mount.options)]] : [])),
    ) as Record<string, string>,
    UTSMode: modeText(config.uts),
    UsernsMode: config.userns.kind === 'host' ? '' : 'private',
    ...(maps === undefined
      ? {}
      : { IDMappings: { UidMap: maps.uidMap.map(rangeText), GidMap: maps.gidMap.map(rangeText) } }),
    ShmSize: config.shmSize,
    Runtime: 'oci',
    ConsoleSize: [0, 0],
    Isolation: '',
    Init: config.process.init,
    ...inspectResources(config, facts),
  };
}

function rangeText({ inside, outside, size }: IdMapping): string {
  return [inside, outside, size].join(':');
}

/** As Docker counts: what there is beyond its default set, and what is missing of it. */
function inspectCapabilities(config: ContainerConfig): { readonly CapAdd: string[]; readonly CapDrop: string[] } {
  if (config.security.privileged) return { CapAdd: [], CapDrop: [] };
  const { bounding } = compileCapabilities(config);
  return {
    CapAdd: bounding.filter((name) => !DOCKER_CAPABILITIES.includes(name)),
    CapDrop: DOCKER_CAPABILITIES.filter((name) => !bounding.includes(name)),
  };
}

const DOCKER_CAPABILITIES = ['CAP_AUDIT_WRITE', ...DEFAULT_CAPABILITIES, 'CAP_MKNOD', 'CAP_NET_RAW'].sort();

function networkText(mode: NetworkMode): string {
  return mode.kind === 'slirp4netns' || mode.kind === 'pasta' || mode.kind === 'none' ? mode.kind : modeText(mode);
}

function modeText(mode: NamespaceMode): string {
  switch (mode.kind) {
    case 'private':
      return mode.scope ?? mode.kind;
    case 'host':
      return mode.kind;
    case 'container':
      return `container:${mode.id}`;
    case 'path':
      return `ns:${mode.path}`;
  }
}

/** Published ports, by port of the container; null for those that are exposed alone. */
export function inspectPorts({ ports, exposed = [] }: NetworkConfig): Record<string, HostAddress[] | null> {
  const bound: Record<string, HostAddress[]> = {};
  for (const { hostIp, hostPort, containerPort, range, protocol } of ports) {
    for (let offset = 0; offset < range; offset++) {
      const address = { HostIp: hostIp, HostPort: String(hostPort + offset) };
      (bound[`${containerPort + offset}/${protocol}`] ??= []).push(address);
    }
  }
  return { ...Object.fromEntries(exposed.map((port) => [port, null])), ...bound };
}

interface HostAddress {
  readonly HostIp: string;
  readonly HostPort: string;
}
