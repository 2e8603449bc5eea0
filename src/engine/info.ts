/** `info`: what the host grants, where the store is, and how containers run here. */
import { readFileSync } from 'node:fs';
import { cpus, freemem, totalmem, uptime } from 'node:os';
import { nativeProgram } from '../host/native.ts';
import { storePath, runtimePath } from '../host/paths.ts';
import { probeHost } from '../host/probe.ts';
import type { HostFacts } from '../model/host-facts.ts';
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
      security: { rootless: facts.uid !== 0, seccompEnabled: true },
      uptime: Math.round(uptime()),
    },
    store: {
      containerStore: {
        number: containers.length,
        paused: countStatus(containers, 'paused'),
        running: countStatus(containers, 'running'),
        stopped: containers.length - countStatus(containers, 'paused') - countStatus(containers, 'running'),
      },
      graphDriverName: chooseStorageDriver({}, facts),
      graphDriverReason: driverReason(facts),
      graphRoot: storePath(),
      imageStore: { number: listImages().length },
      runRoot: runtimePath(),
      volumePath: storePath('volumes'),
    },
    version: { Version: version, OsArch: `${os}/${architecture}`, Os: os },
  };
}

/** What os-release(5) says, as far as it is there. */
function readDistribution(): { distribution: string; version: string } {
  let text = '';
  try {
    text = readFileSync('/etc/os-release', 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? 'unknown';
  return { distribution: value('ID'), version: value('VERSION_ID') };
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
