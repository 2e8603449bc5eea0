/**
 * The mounts that every container has.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#default-filesystems
 */
import { join } from 'node:path/posix';
import type { ContainerConfig } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { SpecMount } from '../model/oci-runtime.ts';
import { mapSize } from './id-maps.ts';
import { INIT_PROGRAM } from './process.ts';
import { isUnmasked } from './security.ts';
import type { IdMaps, PlanPaths } from './runtime-plan.ts';

/** The group `tty` of nearly every distribution: devpts gives it to terminals. */
const TTY_GROUP = 5;

/** Files below the runtime directory that are bound over the image's, and where. */
export const GENERATED_FILES = {
  hosts: '/etc/hosts',
  'resolv.conf': '/etc/resolv.conf',
  hostname: '/etc/hostname',
  '.containerenv': '/run/.containerenv',
  localtime: '/etc/localtime',
} as const;

/** Where the container sees its cgroup. */
export const CGROUP_MOUNT = '/sys/fs/cgroup';

/** The mounts that the OCI wants, each as the namespaces of the container allow it. */
export function defaultMounts(config: ContainerConfig, facts: HostFacts, maps: IdMaps, paths: PlanPaths): SpecMount[] {
  const hostNetwork =
    config.network.mode.kind === 'host' ||
    config.network.mode.kind === 'path' ||
    config.network.mode.kind === 'container';
  const nested = maps.init !== undefined;
  // A network namespace of somebody else's comes with a user namespace whose ids we do not know.
  const hasTtyGroup = config.network.mode.kind !== 'path' && mapSize(maps.init?.gidMap ?? maps.gidMap) > TTY_GROUP;
  const privileged = config.security.privileged;
  const mounts: SpecMount[] = [
    config.pid.kind === 'host'
      ? {
          destination: '/proc',
          type: 'bind',
          source: '/proc',
          options: ['rbind', 'nosuid', 'noexec', 'nodev', 'rslave'],
        }
      : {
          destination: '/proc',
          type: 'proc',
          source: 'proc',
          options: ['nosuid', 'noexec', 'nodev', ...(config.security.procOptions ?? [])],
        },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=65536k'],
    },
    // A sysfs shows a network namespace and can be mounted only by whoever owns that: sysfs(5).
    hostNetwork || nested
      ? {
          destination: '/sys',
          type: 'bind',
          source: '/sys',
          options: ['rbind', 'nosuid', 'noexec', 'nodev', ...(privileged ? [] : ['ro']), 'rslave'],
        }
      : {
          destination: '/sys',
          type: 'sysfs',
          source: 'sysfs',
          options: ['nosuid', 'noexec', 'nodev', ...(privileged ? [] : ['ro'])],
        },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: [
        'nosuid',
        'noexec',
        'newinstance',
        'ptmxmode=0666',
        'mode=0620',
        ...(hasTtyGroup ? [`gid=${TTY_GROUP}`] : []),
      ],
    },
    ...ipcMounts(config, paths),
  ];
  if (facts.cgroup.version === 2) mounts.push(cgroupMount(config));
  return mounts;
}

/** The files that we generate, and the init program. */
export function generatedMounts(config: ContainerConfig, paths: PlanPaths): SpecMount[] {
  const isLonely = config.network.mode.kind === 'none'; // Without a network no name server is reached.
  const wanted = Object.entries(GENERATED_FILES).filter(
    ([file]) =>
      !(file === 'hosts' && config.network.noHosts) &&
      !(file === 'hostname' && config.noHostname) &&
      !(file === 'resolv.conf' && (isLonely || config.network.dns.includes('none'))) &&
      !(file === 'localtime' && config.timezone === undefined),
  );
  const places = ['/', ...(config.chrootDirectories ?? [])];
  const files = places.flatMap((place) =>
    wanted.map(([file, destination]) => ({
      destination: join(place, destination),
      type: 'bind',
      source: join(paths.run, file),
      options: ['bind', 'rprivate', 'nosuid', 'nodev', 'noexec'],
    })),
  );
  if (!config.process.init) return files;
  return [
    ...files,
    {
      destination: INIT_PROGRAM,
      type: 'bind',
      source: config.process.initPath ?? paths.program,
      options: ['bind', 'ro', 'rprivate', 'nosuid', 'nodev'],
    },
  ];
}

/** POSIX message queues and shared memory, which belong to the IPC namespace: mq_overview(7), shm_overview(7). */
function ipcMounts({ ipc, shmSize }: ContainerConfig, paths: PlanPaths): SpecMount[] {
  const options = ['nosuid', 'noexec', 'nodev'];
  const queues: SpecMount = { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options };
  const bind = (path: string): SpecMount => ({
    destination: path,
    type: 'bind',
    source: path,
    options: ['rbind', ...options],
  });
  switch (ipc.kind) {
    case 'host':
      return [...(paths.hasQueues ? [bind('/dev/mqueue')] : []), bind('/dev/shm')];
    case 'container':
      return [queues, { destination: '/dev/shm', type: 'joined', source: '/dev/shm', options: [] }];
    case 'private':
    case 'path':
      if (ipc.kind === 'private' && ipc.scope === 'none') return [queues];
      return [
        queues,
        {
          destination: '/dev/shm',
          type: 'tmpfs',
          source: 'shm',
          options: [...options, 'mode=1777', `size=${shmSize}`],
        },
      ];
  }
}

function cgroupMount(config: ContainerConfig): SpecMount {
  const isWritable = config.systemd === true || isUnmasked(config.security, CGROUP_MOUNT);
  const access = isWritable ? 'rw' : 'ro';
  return config.cgroupns.kind === 'host'
    ? {
        destination: CGROUP_MOUNT,
        type: 'bind',
        source: CGROUP_MOUNT,
        options: ['rbind', 'nosuid', 'noexec', 'nodev', access],
      }
    : {
        destination: CGROUP_MOUNT,
        type: 'cgroup2',
        source: 'cgroup',
        options: ['nosuid', 'noexec', 'nodev', 'relatime', access],
      };
}
