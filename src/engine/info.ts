/** `info`: what the host grants, where the store is, and how containers run here. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, freemem, totalmem, uptime } from 'node:os';
import { readHelperVersion } from '../host/helper-version.ts';
import { nativeProgram } from '../host/native.ts';
import { programPath, runtimePath, storePath } from '../host/paths.ts';
import { readIfPresent } from '../host/present.ts';
import { probeHost } from '../host/probe.ts';
import type { StorageDriver } from '../model/container-config.ts';
import { cgroupManagerName, type HostFacts } from '../model/host-facts.ts';
import { LOG_DRIVERS } from '../model/log.ts';
import { hostPlatform } from '../model/platform.ts';
import { fullMap } from '../plan/id-maps.ts';
import { DEFAULT_CAPABILITIES } from '../plan/security.ts';
import { readRegistriesConf } from '../registry/registries-conf.ts';
import { listContainers } from '../store/container-list.ts';
import type { Container } from '../store/containers.ts';
import { listImages } from '../store/images.ts';
import { chooseStorageDriver } from './storage-driver.ts';
import { describeVersion } from './version.ts';

/**
 * Collect what `tspod info` prints; keys as Podman has them.
 *
 * @param logDriver of containers that name none
 */
export async function collectInfo(version: string, logDriver: string) {
  const facts = await probeHost();
  return {
    host: describeHost(facts, version, logDriver),
    plugins: { volume: ['local'], network: [], log: LOG_DRIVERS, authorization: null },
    registries: await describeRegistries(),
    store: describeStore(facts, await chooseStorageDriver({}, facts)),
    version: describeVersion(version),
  };
}

function describeHost(facts: HostFacts, version: string, logDriver: string) {
  const { os, architecture } = hostPlatform(process.arch);
  return {
    arch: architecture,
    buildahVersion: '',
    cgroupControllers: facts.cgroup.controllers,
    cgroupManager: cgroupManagerName(facts),
    cgroupVersion: `v${facts.cgroup.version}`,
    conmon: { package: '', path: nativeProgram(), version: `tspod-monitor ${version}` },
    cpuUtilization: readCpuUtilization(),
    cpus: cpus().length,
    distribution: readDistribution(),
    eventLogger: 'file',
    hostname: facts.hostname,
    idMappings: {
      uidmap: fullMap(facts.uid, facts.subuids).map(hostMapping),
      gidmap: fullMap(facts.gid, facts.subgids).map(hostMapping),
    },
    kernel: facts.kernel,
    linkmode: 'static',
    logDriver,
    memFree: freemem(),
    memTotal: totalmem(),
    networkBackend: 'none', // Nobody makes bridges; what connects containers is among the helpers.
    networkHelpers: { slirp4netns: facts.helpers.slirp4netns ?? '', pasta: facts.helpers.pasta ?? '' },
    ociRuntime: { name: 'tspod-monitor', package: '', path: nativeProgram(), version },
    os,
    remoteSocket: { path: '', exists: false },
    runtimeInfo: {},
    security: {
      apparmorEnabled: false, // Of containers: no profile is loaded for them without root.
      capabilities: DEFAULT_CAPABILITIES.join(','),
      rootless: facts.uid !== 0,
      seccompEnabled: true,
      seccompProfilePath: programPath('seccomp.json'),
      selinuxEnabled: false,
    },
    serviceIsRemote: false,
    slirp4netns: describeHelper(facts.helpers.slirp4netns),
    ...readSwap(),
    uptime: uptimeText(uptime()),
  };
}

function describeStore(facts: HostFacts, driver: StorageDriver) {
  const containers = listContainers();
  const [paused, running] = [countStatus(containers, 'paused'), countStatus(containers, 'running')];
  return {
    configFile: '',
    containerStore: {
      number: containers.length,
      paused,
      running,
      stopped: containers.length - paused - running,
    },
    graphDriverName: driver,
    graphDriverReason: driverReason(driver, facts),
    graphOptions: {},
    graphRoot: storePath(),
    graphStatus: {},
    ...readSpace(storePath()),
    imageCopyTmpDir: storePath('staging'),
    imageStore: { number: listImages().length },
    runRoot: runtimePath(),
    volumePath: storePath('volumes'),
  };
}

/** Where short names are searched for, when registries.conf says so. */
async function describeRegistries(): Promise<{ search?: readonly string[] }> {
  const { searchRegistries } = await readRegistriesConf();
  return searchRegistries === undefined ? {} : { search: searchRegistries };
}

/** What os-release(5) says, as far as it is there. */
function readDistribution(): { distribution: string; codename?: string; version: string } {
  const text = readIfPresent('/etc/os-release') ?? '';
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? 'unknown';
  const codename = value('VERSION_CODENAME');
  return {
    distribution: value('ID'),
    ...(codename === 'unknown' ? {} : { codename }),
    version: value('VERSION_ID'),
  };
}

/** In percent since the boot: proc_stat(5). */
function readCpuUtilization(): { userPercent: number; systemPercent: number; idlePercent: number } {
  const [, user = 0, nice = 0, system = 0, idle = 0] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 5).map(Number);
  const total = user + nice + system + idle;
  const percent = (ticks: number) => (total === 0 ? 0 : Math.round((ticks / total) * 10_000) / 100);
  return { userPercent: percent(user + nice), systemPercent: percent(system), idlePercent: percent(idle) };
}

/** `4h 31m 21.00s (Approximately 0.17 days)` */
function uptimeText(seconds: number): string {
  const whole = Math.round(seconds);
  const clock = `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m ${(whole % 60).toFixed(2)}s`;
  return whole < 3600 ? clock : `${clock} (Approximately ${(whole / 86_400).toFixed(2)} days)`;
}

function describeHelper(executable = ''): { executable: string; package: string; version: string } {
  if (executable === '') return { executable, package: '', version: '' };
  return { executable, package: '', version: readHelperVersion(executable) };
}

/** Bytes, from proc_meminfo(5). */
function readSwap(): { swapFree: number; swapTotal: number } {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const value = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { swapFree: value('SwapFree'), swapTotal: value('SwapTotal') };
}

/** Bytes of the file system that the store is on; nothing before there is a store. */
function readSpace(path: string): { graphRootAllocated?: number; graphRootUsed?: number } {
  if (!existsSync(path)) return {};
  const { bsize, blocks, bfree } = statfsSync(path);
  return { graphRootAllocated: blocks * bsize, graphRootUsed: (blocks - bfree) * bsize };
}

function hostMapping({ inside, outside, size }: { inside: number; outside: number; size: number }) {
  return { container_id: inside, host_id: outside, size };
}

function countStatus(containers: readonly Container[], status: Container['status']): number {
  return containers.filter((container) => container.status === status).length;
}

function driverReason(driver: StorageDriver, facts: HostFacts): string {
  if (process.env['TSPOD_STORAGE_DRIVER']) return 'chosen with --storage-driver';
  if (facts.kernelOverlay)
    return 'the kernel overlays in a user namespace at the store: a trial mount and a whiteout worked';
  if (driver === 'fuse-overlayfs') return 'the kernel refused a trial overlay; fuse-overlayfs is installed';
  return facts.helpers['fuse-overlayfs'] === undefined
    ? 'the kernel refused a trial overlay and fuse-overlayfs is not installed: every container copies its image'
    : 'neither the kernel nor fuse-overlayfs overlays at the store (tspod doctor says why): every container copies its image';
}
