/** `inspect` of containers, in Podman's JSON form. */
import { probeHost } from '../host/probe.ts';
import { listIfPresent } from '../host/present.ts';
import { dependenciesOf } from '../model/container-dependencies.ts';
import { isNew } from '../model/container-status.ts';
import { hasSource, type Mount } from '../model/mount.ts';
import { inspectHealth } from './inspect-health.ts';
import { showIdMaps } from '../plan/id-maps.ts';
import { INIT_PROGRAM } from '../plan/process.ts';
import type { IdMaps } from '../plan/runtime-plan.ts';
import { compileCapabilities } from '../plan/security.ts';
import {
  containerPath,
  containerRuntimePath,
  findContainer,
  readMonitor,
  type Container,
} from '../store/containers.ts';
import { volumeDataPath } from '../store/volumes.ts';
import { inspectConfig, inspectHostConfig, inspectPorts, mountOptions } from './inspect-config.ts';

/** What Go prints for a time that was never set. */
const NEVER = '0001-01-01T00:00:00Z';

/** What `tspod inspect NAME` prints for a container. */
export type ContainerInspection = ReturnType<typeof inspect>;

/** @throws {NotFoundError} when there is no such container */
export async function inspectContainer(name: string): Promise<ContainerInspection> {
  const container = findContainer(name);
  const { userns } = container.config;
  return inspect(container, userns.kind === 'host' ? undefined : showIdMaps(userns, await probeHost()));
}

function inspect(container: Container, maps: IdMaps['init']) {
  const { config, init } = container;
  const wrapper = config.process.init ? [INIT_PROGRAM, '--'] : [];
  const [path = '', ...args] = [...wrapper, ...config.process.entrypoint, ...config.process.command];
  const capabilities = compileCapabilities(config);
  const image = 'image' in config.root ? config.root.image : undefined;
  return {
    Id: config.id,
    Created: config.created,
    Path: path,
    Args: args.length === 0 ? [path] : args, // Podman's way with a single word.
    State: inspectState(container),
    Image: image?.id.replace('sha256:', '') ?? '',
    ImageDigest: image?.digest ?? '',
    ImageName: image?.name ?? '',
    Rootfs: 'rootfs' in config.root ? config.root.rootfs.path : '',
    Pod: '',
    ResolvConfPath: containerRuntimePath(config.id, 'resolv.conf'),
    HostnamePath: containerRuntimePath(config.id, 'hostname'),
    HostsPath: containerRuntimePath(config.id, 'hosts'),
    OCIConfigPath: containerRuntimePath(config.id, 'bundle/config.json'),
    StaticDir: containerPath(config.id),
    OCIRuntime: 'tspod-monitor',
    ConmonPidFile: config.monitorPidfile ?? '',
    PidFile: config.pidfile ?? '',
    Name: config.name,
    RestartCount: init?.restartCount ?? 0,
    Driver: config.storageDriver,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    BoundingCaps: orNull(capabilities.bounding.toSorted()),
    EffectiveCaps: orNull(capabilities.effective.toSorted()),
    ExecIDs: execIds(container),
    GraphDriver: {
      Name: config.storageDriver,
      Data: { UpperDir: containerPath(config.id, 'upper'), WorkDir: containerPath(config.id, 'work') },
    },
    Mounts: config.mounts.flatMap(inspectMount),
    Dependencies: dependenciesOf(config),
    NetworkSettings: {
      EndpointID: '',
      Gateway: '',
      IPAddress: '',
      IPPrefixLen: 0,
      IPv6Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      MacAddress: '',
      Bridge: '',
      SandboxID: '',
      HairpinMode: false,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      Ports: inspectPorts(config.network),
      SandboxKey: init === undefined ? '' : `/proc/${init.pid}/ns/net`,
    },
    Namespace: '',
    IsInfra: false,
    IsService: false,
    Config: inspectConfig(config),
    HostConfig: inspectHostConfig(config, maps),
  };
}

/** As Go prints a list that was never made. */
function orNull(list: readonly string[]): readonly string[] | null {
  return list.length === 0 ? null : list;
}

function inspectState({ config, status, init, exit, health }: Container) {
  const isRunning = status === 'running' || status === 'paused';
  return {
    OciVersion: '1.2.0',
    Status: status,
    Running: isRunning,
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: exit?.oomKilled ?? false,
    Dead: false,
    Pid: isRunning ? (init?.pid ?? 0) : 0,
    ConmonPid: isRunning ? (readMonitor(config.id)?.pid ?? 0) : 0,
    ExitCode: isRunning ? 0 : (exit?.exitCode ?? (status === 'unknown' ? -1 : 0)),
    Error: '',
    StartedAt: init?.startedAt ?? exit?.startedAt ?? NEVER,
    Health: inspectHealth(isNew(status) ? undefined : config.health, health),
    FinishedAt: isRunning ? NEVER : (exit?.finishedAt ?? NEVER),
    CgroupPath: isRunning ? (init?.cgroup ?? '') : '',
    CheckpointedAt: NEVER,
    RestoredAt: NEVER,
  };
}

/** Its monitor keeps a file for each session that runs: native/sessions.h. */
function execIds({ config, init, status }: Container): string[] {
  if (init === undefined || (status !== 'running' && status !== 'paused')) return [];
  const record = new RegExp(`^exec[.]([0-9a-f]{64})[.]${init.monitorPid}$`);
  return listIfPresent(containerRuntimePath(config.id)).flatMap((name) => record.exec(name)?.[1] ?? []);
}

interface InspectedMount {
  readonly Type: Mount['type'];
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver: string;
  readonly Mode: string;
  readonly Options: readonly string[];
  readonly RW: boolean;
  readonly Propagation: string;
}

function inspectMount(mount: Mount): InspectedMount[] {
  if (mount.type === 'image') {
    const { type, source, target, options } = mount;
    const RW = options.includes('rw');
    return [
      { Type: type, Source: source, Destination: target, Driver: '', Mode: '', Options: [], RW, Propagation: '' },
    ];
  }
  if (!hasSource(mount)) return [];
  return [
    {
      Type: mount.type,
      ...(mount.type === 'volume' ? { Name: mount.name } : {}),
      Source: mount.type === 'volume' ? volumeDataPath(mount.name) : mount.source,
      Destination: mount.target,
      Driver: mount.type === 'volume' ? 'local' : '',
      Mode: mount.options.find((word) => word === 'z' || word === 'Z') ?? '',
      Options: mountOptions(mount).filter((word) => !/^(ro|rw|[zZ]|r?(private|slave|shared))$/.test(word)),
      RW: !mount.options.includes('ro'),
      Propagation: mount.options.find((word) => /^r?(private|slave|shared)$/.test(word)) ?? 'rprivate',
    },
  ];
}
