/** `inspect` of containers, in Podman's JSON form. */
import { probeHost } from '../host/probe.ts';
import { listIfPresent } from '../host/present.ts';
import { dependenciesOf } from '../model/container-dependencies.ts';
import { isNew, isUp } from '../model/container-status.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { inspectHealth } from './inspect-health.ts';
import { inspectMount } from './inspect-mounts.ts';
import { showIdMaps } from '../plan/id-maps.ts';
import { INIT_PROGRAM } from '../plan/process.ts';
import type { IdMaps } from '../plan/runtime-plan.ts';
import { compileCapabilities } from '../plan/security.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { findContainer, readMonitor, type Container } from '../store/containers.ts';
import { inspectConfig, inspectHostConfig, inspectPorts } from './inspect-config.ts';
import { layerPaths } from './layer-paths.ts';

/** What Go prints for a time that was never set. */
const NEVER = '0001-01-01T00:00:00Z';

/** What `tspod inspect NAME` prints for a container. */
export type ContainerInspection = ReturnType<typeof inspect>;

/** @throws {NotFoundError} when there is no such container */
export async function inspectContainer(name: string): Promise<ContainerInspection> {
  const container = findContainer(name);
  const { userns } = container.config;
  const facts = await probeHost();
  return inspect(container, { maps: userns.kind === 'host' ? undefined : showIdMaps(userns, facts), facts });
}

interface Host {
  readonly maps: IdMaps['init'];
  readonly facts: HostFacts;
}

function inspect(container: Container, { maps, facts }: Host) {
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
    GraphDriver: { Name: config.storageDriver, Data: inspectDriver(container) },
    Mounts: config.mounts.flatMap(inspectMount),
    Dependencies: dependenciesOf(config),
    NetworkSettings: inspectNetwork(container),
    Namespace: '',
    IsInfra: false,
    IsService: false,
    Config: inspectConfig(config),
    HostConfig: inspectHostConfig(config, maps, facts),
  };
}

/** Of a bridge network, which there is not, everything is empty. */
function inspectNetwork({ config, init }: Container) {
  return {
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
  };
}

/** The directories of an overlay, the top first, and while the container runs where they are one; vfs has none. */
function inspectDriver({ config, status, init }: Container): Readonly<Record<string, string>> {
  const { root, storageDriver } = config;
  if ('image' in root ? storageDriver === 'vfs' : !root.rootfs.overlay) return {};
  const lower = 'image' in root ? layerPaths(config).reverse() : [root.rootfs.path];
  return {
    ...(lower.length > 0 ? { LowerDir: lower.join(':') } : {}),
    // Nothing is mounted in the host's namespace: this is the way from there.
    ...(init !== undefined && isUp(status) ? { MergedDir: `/proc/${init.pid}/root` } : {}),
    UpperDir: containerPath(config.id, 'upper'),
    WorkDir: containerPath(config.id, 'work'),
  };
}

/** As Go prints a list that was never made. */
function orNull(list: readonly string[]): readonly string[] | null {
  return list.length === 0 ? null : list;
}

function inspectState({ config, status, init, exit, health }: Container) {
  const isRunning = isUp(status);
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
    StoppedByUser: exit?.stoppedByUser ?? false,
  };
}

/** Its monitor keeps a file for each session that runs: native/sessions.h. */
function execIds({ config, init, status }: Container): string[] {
  if (init === undefined || !isUp(status)) return [];
  const record = new RegExp(`^exec[.]([0-9a-f]{64})[.]${init.monitorPid}$`);
  return listIfPresent(containerRuntimePath(config.id)).flatMap((name) => record.exec(name)?.[1] ?? []);
}
