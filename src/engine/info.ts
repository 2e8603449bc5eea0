/** `info`: what the host grants, where the store is, and how containers run here. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, freemem, totalmem, uptime } from 'node:os';
import { nativeProgram } from '../host/native.ts';
import { storePath, runtimePath } from '../host/paths.ts';
import { readIfPresent } from '../host/present.ts';
import { probeHost } from '../host/probe.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { LOG_DRIVERS } from '../model/log.ts';
import { hostPlatform } from '../model/platform.ts';
import { fullMap } from '../plan/id-maps.ts';
import { listContainers, type Container } from '../store/containers.ts';
import { listImages } from '../store/images.ts';
import { chooseStorageDriver } from './storage-driver.ts';

/** Collect what `tspod info` prints; keys as Podman has them. */
export async function collectInfo(version: string) {
  const facts = await probeHost();
  const containers = listContainers();
  const { os, architecture } = hostPlatform(process.arch);
  return {
    host: {
      arch: architecture,
      cgroupControllers: facts.cgroup.controllers,
      cgroupManager:
        facts.cgroup.manager === 'scope' ? 'systemd' : facts.cgroup.manager === 'subtree' ? 'cgroupfs' : 'none',
      cgroupVersion: `v${facts.cgroup.version}`,
      cpus: cpus().length,
      distribution: readDistribution(),
      eventLogger: 'file',
      hostname: facts.hostname,
      idMappings: {
        uidmap: fullMap(facts.uid, facts.subuids).map(hostMapping),
        gidmap: fullMap(facts.gid, facts.subgids).map(hostMapping),
      },
      kernel: facts.kernel,
      logDriver: 'k8s-file',
      memFree: freemem(),
      memTotal: totalmem(),
      networkHelpers: { slirp4netns: facts.helpers.slirp4netns ?? '', pasta: facts.helpers.pasta ?? '' },
      ociRuntime: { name: 'tspod-monitor', path: nativeProgram(), version },
      os,
      security: {
        apparmorEnabled: false, // Of containers: no profile is loaded for them without root.
        rootless: facts.uid !== 0,
        seccompEnabled: true,
        selinuxEnabled: false,
      },
      serviceIsRemote: false,
      slirp4netns: { executable: facts.helpers.slirp4netns ?? '' },
      ...readSwap(),
      uptime: Math.round(uptime()),
    },
    plugins: { volume: ['local'], network: [], log: LOG_DRIVERS, authorization: null },
    registries: {},
    store: {
      containerStore: {
        number: containers.length,
        paused: countStatus(containers, 'paused'),
        running: countStatus(containers, 'running'),
        stopped: containers.length - countStatus(containers, 'paused') - countStatus(containers, 'running'),
      },
      graphDriverName: chooseStorageDriver({}, facts),
      graphDriverReason: driverReason(facts),
      graphOptions: {},
      graphRoot: storePath(),
      ...readSpace(storePath()),
      imageStore: { number: listImages().length },
      runRoot: runtimePath(),
      volumePath: storePath('volumes'),
    },
    version: { APIVersion: version, Version: version, OsArch: `${os}/${architecture}`, Os: os },
  };
}

/** What os-release(5) says, as far as it is there. */
function readDistribution(): { distribution: string; version: string } {
  const text = readIfPresent('/etc/os-release') ?? '';
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? 'unknown';
  return { distribution: value('ID'), version: value('VERSION_ID') };
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

function driverReason(facts: HostFacts): string {
  if (process.env['TSPOD_STORAGE_DRIVER']) return 'chosen with --storage-driver';
  if (facts.kernelOverlay)
    return 'the kernel overlays in a user namespace at the store: a trial mount and a whiteout worked';
  return facts.helpers['fuse-overlayfs'] === undefined
    ? 'the kernel refused a trial overlay and fuse-overlayfs is not installed: every container copies its image'
    : 'the kernel refused a trial overlay; fuse-overlayfs is installed';
}
