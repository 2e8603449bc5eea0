/**
 * What systemd as the first process of a container wants to find there, as Podman's `--systemd` gives it.
 *
 * @see https://systemd.io/CONTAINER_INTERFACE/
 */
import { basename } from 'node:path/posix';
import type { ContainerConfig, ContainerId, ProcessConfig } from '../model/container-config.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import type { ContainerRequest } from '../model/container-request.ts';
import type { SpecMount } from '../model/oci-runtime.ts';
import type { Op } from './ops.ts';
import type { IdMaps } from './runtime-plan.ts';

/** Whether the container is to be made ready: always, or when its command is systemd or a distribution's name for it. */
export function isForSystemd(mode: ContainerRequest['systemd'], process: ProcessConfig): boolean {
  if (mode !== 'true') return mode === 'always';
  const [first, second, ...script] = [...process.entrypoint, ...process.command];
  // The command of an image that was built from a line of text.
  const program = first === '/bin/sh' && second === '-c' && script[0] !== undefined ? script[0] : first;
  if (process.init || program === undefined) return false;
  return INITS.includes(program) || basename(program) === 'systemd';
}

/** Directories in memory that it wants; they keep what the image has there. */
export function systemdMounts({ systemd }: Pick<ContainerConfig, 'systemd'>): SpecMount[] {
  if (systemd === undefined) return [];
  const options = ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup'];
  return SCRATCH.map((destination) => ({ destination, type: 'tmpfs', source: 'tmpfs', options }));
}

/** The machine id that systemd gives itself: machine-id(5). */
export function systemdVariables(
  { systemd, id }: { readonly systemd?: true; readonly id: ContainerId },
  env: readonly string[],
): string[] {
  if (systemd === undefined || env.some((entry) => entry.startsWith('container_uuid='))) return [];
  return [`container_uuid=${id.slice(0, 32)}`];
}

/** Root of the container gets its cgroup, by its ids in the monitor's user namespace: cgroups(7), "delegation". */
export function cgroupOwnerOps({ systemd }: Pick<ContainerConfig, 'systemd'>, { init }: IdMaps): Op[] {
  if (systemd === undefined) return [];
  const rootOf = (map: readonly IdMapping[]) => map.find(({ inside }) => inside === 0)?.outside;
  const [uid, gid] = init === undefined ? [0, 0] : [rootOf(init.uidMap), rootOf(init.gidMap)];
  return uid === undefined || gid === undefined ? [] : [['cgroup-owner', uid, gid]];
}

const INITS = ['/sbin/init', '/usr/sbin/init', '/usr/local/sbin/init'];
const SCRATCH = ['/run', '/run/lock', '/tmp', '/var/log/journal'];
