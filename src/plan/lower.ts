/**
 * Lower a runtime spec to ops, the flat list that the native program carries out: first the monitor's
 * settings, then the root file system, then what init does in the new namespaces, in this order because
 * each needs what is before it (native/lib/ops.h).
 */
import type { RuntimeSpec, SpecMount, SpecProcess } from '../model/oci-runtime.ts';
import type { CgroupWrite } from './cgroup.ts';
import { lowerSettings } from './lower-settings.ts';
import { NEW_MOUNT_PROPAGATIONS, parseMountFlags, propagationFlags } from './mount-flags.ts';
import { accountOps } from './accounts.ts';
import { when, type Op } from './ops.ts';
import type { IdMaps, PlanInput } from './runtime-plan.ts';
import { INIT_PROGRAM } from './process.ts';
import { capabilitiesOp } from './security.ts';

/** getrlimit(2), asm-generic/resource.h */
const RLIMITS = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
} as const satisfies Record<string, number>;

/** personality(2), linux/personality.h */
const PER_LINUX32 = 8;

/** Device nodes of every container: OCI runtime spec, "Default Devices". */
export const DEFAULT_DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

const DEFAULT_SYMLINKS = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['pts/ptmx', '/dev/ptmx'],
] as const;

/** Everything that is not in the runtime spec because only our monitor does it. */
export interface LowerInput {
  readonly input: PlanInput;
  readonly maps: IdMaps;
  readonly cgroup: readonly CgroupWrite[];
  readonly root: readonly Op[];
}

/** Lower a container's start. */
export function lower(spec: RuntimeSpec, { input, maps, cgroup, root }: LowerInput): Op[] {
  const process = lowerProcess(withVariables(spec.process, input.secretEnv), input.paths);
  return [
    ...lowerSettings(spec, { input, maps, cgroup }),
    ...root,
    ...copyUps(input),
    // For programs that look there, as Podman has it; a directory of the user's own stays as it is.
    ...when('image' in input.config.root, ['symlink', '/proc/mounts', '/etc/mtab']),
    ...mountOps(spec, input),
    ...accountOps(input),
    ...process.outside,
    ['pivot'],
    ...when(spec.root.readonly, ['ro-root']),
    ...when(spec.hostname !== '', ['hostname', spec.hostname]),
    ...process.inside,
    ['cwd', spec.process.cwd, input.config.process.makeWorkdir ? 1 : 0],
    ...when(input.config.process.init && input.config.process.initPath === undefined, ['reaper', INIT_PROGRAM]),
    ['exec', ...spec.process.args],
  ];
}

/**
 * Lower what a process needs, of a container's start or of `exec`.
 *
 * @returns `outside`: what needs the host's files; `inside`: what follows once the root is the container's
 */
export function lowerProcess(
  process: SpecProcess,
  { seccomp }: { readonly seccomp?: string | undefined },
): { readonly outside: Op[]; readonly inside: Op[] } {
  return {
    outside: [
      ...when(process.oomScoreAdj !== undefined, ['oom-score-adj', process.oomScoreAdj ?? 0]),
      ...when(seccomp !== undefined, ['seccomp', seccomp ?? '']),
    ],
    inside: [
      ...process.rlimits.map(({ type, soft, hard }): Op => ['rlimit', rlimitNumber(type), soft, hard]),
      ['umask', process.user.umask.toString(8)],
      ...process.env.map((entry): Op => ['env', entry]),
      ['user', process.user.username, ...process.user.additionalGroups],
      capabilitiesOp(process.capabilities),
      ...when(process.noNewPrivileges, ['no-new-privs']),
      ...when(process.personality !== undefined, ['personality', process.personality === 'LINUX32' ? PER_LINUX32 : 0]),
    ],
  };
}

/** Secrets among the variables win over what else has their name. */
function withVariables(process: SpecProcess, added: readonly string[] = []): SpecProcess {
  const names = added.map((entry) => entry.split('=', 1)[0]);
  return { ...process, env: [...process.env.filter((entry) => !names.includes(entry.split('=', 1)[0])), ...added] };
}

/** A named volume is filled from the image when it is empty, unless `nocopy` forbids. */
function copyUps({ config, paths }: PlanInput): Op[] {
  return config.mounts.flatMap((mount): Op[] => {
    if (mount.type !== 'volume' || mount.options.includes('nocopy')) return [];
    const place = paths.volumes[mount.name];
    if (place === undefined || place.fill === 'none') return [];
    return [['copyup', mount.target, place.data, place.home, place.fill]];
  });
}

/** The first process of the container whose IPC namespace, and with it /dev/shm, is shared. */
function ipcHolder({ config: { ipc }, joined }: PlanInput): number | undefined {
  return ipc.kind === 'container' ? joined[ipc.id]?.initPid : undefined;
}

function mountOps({ linux, mounts }: RuntimeSpec, input: PlanInput): Op[] {
  const mountOf = (mount: SpecMount): Op[] => [
    mountOp(mount, input),
    ...when(mount.part !== undefined, ['part', mount.destination, mount.part ?? '']),
  ];
  return [
    ['root-propagation', propagationFlags(linux.rootfsPropagation)],
    ...mounts.slice(0, devMountEnd(mounts)).flatMap(mountOf),
    ...DEFAULT_DEVICES.map((name): Op => ['dev', name]),
    ...DEFAULT_SYMLINKS.map(([text, link]): Op => ['symlink', text, link]),
    ...linux.devices.map(({ host, path }): Op => ['device', host, path]),
    ...mounts.slice(devMountEnd(mounts)).flatMap(mountOf),
    ...Object.entries(linux.sysctl).map(([key, value]): Op => ['sysctl', key.replaceAll('.', '/'), value]),
    ...linux.maskedPaths.map((path): Op => ['mask', path]),
    ...linux.readonlyPaths.map((path): Op => ['readonly', path]),
  ];
}

/** Device nodes go on /dev once that is mounted; mounts below /dev come after them. */
function devMountEnd(mounts: readonly SpecMount[]): number {
  return mounts.findIndex((mount) => mount.destination === '/dev') + 1;
}

function mountOp(mount: SpecMount, input: PlanInput): Op {
  const { destination, type, source, options, layers, written } = mount;
  if (type === 'joined') return ['bind-from', ipcHolder(input) ?? 0, source, destination];
  const { flags, propagation, data } = parseMountFlags(options);
  if (layers !== undefined) {
    return ['overlay', destination, flags, written?.upper ?? '', written?.work ?? '', ...layers];
  }
  const isProgram = destination === INIT_PROGRAM && source === input.paths.program;
  if (type === 'bind') return [isProgram ? 'program' : 'bind', source, destination, flags, propagation];
  const text = data.filter((word) => word !== 'tmpcopyup').join(',');
  const all = flags | (propagation & NEW_MOUNT_PROPAGATIONS);
  if (data.includes('tmpcopyup')) return ['tmpcopyup', destination, all, text];
  return ['mount', type, source, destination, all, text];
}

function rlimitNumber(type: string): number {
  const number = (RLIMITS as Readonly<Record<string, number>>)[type];
  if (number === undefined) throw new Error(`no resource limit is called ${type}`);
  return number;
}
