/** Resource limits as writes to cgroup v2 files. */
import { UsageError } from '../errors.ts';
import type { ContainerConfig, ResourceConfig } from '../model/container-config.ts';
import type { DeviceLimit } from '../model/device-limit.ts';
import type { HostFacts } from '../model/host-facts.ts';

/** One write to an interface file of the container's cgroup. */
export interface CgroupWrite {
  readonly file: string;
  readonly value: string;
  /** What is written where the kernel has no such file. */
  readonly instead?: { readonly file: string; readonly value: string };
}

/**
 * Compile resource limits to cgroup v2 writes, in the order in which they must be made.
 *
 * @throws {UsageError} when a limit needs a controller that is not delegated, or contradicts another
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function compileCgroup(
  { resources, cgroups }: Pick<ContainerConfig, 'resources' | 'cgroups'>,
  facts: Pick<HostFacts, 'uid' | 'cgroup'>,
): CgroupWrite[] {
  if (cgroups === 'disabled') return [];
  const limits = [
    { file: 'memory.low', value: positive(resources.memoryReservation), flag: '--memory-reservation' },
    { file: 'memory.max', value: positive(resources.memoryMax), flag: '--memory' },
    { file: 'memory.swap.max', ...swapLimit(resources, facts) },
    { file: 'cpu.max', value: cpuMax(resources), flag: '--cpus' },
    { file: 'cpu.weight', value: cpuWeight(resources.cpuShares), flag: '--cpu-shares' },
    { file: 'cpuset.cpus', value: resources.cpusetCpus, flag: '--cpuset-cpus' },
    { file: 'cpuset.mems', value: resources.cpusetMems, flag: '--cpuset-mems' },
    ...weights(resources),
    ...deviceLimits(resources),
    { file: 'pids.max', value: pidsMax(resources, facts), flag: '--pids-limit' },
    ...Object.entries(resources.unified ?? {}).map(([file, value]) => ({ file, value, flag: `--cgroup-conf ${file}` })),
  ];
  return limits.flatMap(({ file, value, flag, instead }: Limit) => {
    if (value === undefined || value === '') return [];
    const controller = file.slice(0, file.indexOf('.'));
    if (value === 'max' && !facts.cgroup.controllers.includes(controller)) return []; // Nothing limits it there.
    if (!facts.cgroup.controllers.includes(controller)) throw missingController(controller, flag, facts);
    return [{ file, value: String(value), ...(instead && { instead }) }];
  });
}

/**
 * The writes that turn the limits of a running container into others: all of the new, and the kernel's default for
 * each that only the old ones had set.
 */
export function changeLimits(old: readonly CgroupWrite[], wanted: readonly CgroupWrite[]): CgroupWrite[] {
  const kept = new Set(wanted.map(limitOf));
  return [...old.filter((write) => !kept.has(limitOf(write))).map(defaultOf), ...wanted];
}

/** Files of block devices hold a limit for each device and key: `8:0 rbps=1048576`. */
const DEVICE_LIMIT = /^(\d+:\d+) (?:([a-z]+)=)?/;

function limitOf({ file, value }: CgroupWrite): string {
  return `${file} ${DEVICE_LIMIT.exec(value)?.[0] ?? ''}`;
}

function defaultOf({ file, value, instead }: CgroupWrite): CgroupWrite {
  if (instead !== undefined) return { ...defaultOf({ file, value }), instead: defaultOf(instead) };
  const [, device, key] = DEVICE_LIMIT.exec(value) ?? [];
  if (device !== undefined) return { file, value: key === undefined ? `${device} default` : `${device} ${key}=max` };
  return { file, value: Object.hasOwn(DEFAULTS, file) ? (DEFAULTS[file] ?? '') : 'max' };
}

/** Where it is not `max`. An empty write to a cpuset is one line end: cgroup v2, "Cpuset Interface Files". */
const DEFAULTS: Readonly<Record<string, string>> = {
  'cpu.max': 'max 100000',
  'cpu.weight': '100',
  'cpuset.cpus': '\n',
  'cpuset.mems': '\n',
  'io.bfq.weight': '100',
  'io.weight': '100',
  'memory.low': '0',
};

/**
 * Why containers have no cgroup here: a clause, and what to do about it; undefined where they have one.
 */
export function explainNoCgroup({
  uid,
  cgroup,
}: Pick<HostFacts, 'uid' | 'cgroup'>): { readonly cause: string; readonly remedy: string } | undefined {
  if (cgroup.version === 1) {
    return {
      cause: 'this host has cgroup v1',
      remedy: 'An administrator boots it with systemd.unified_cgroup_hierarchy=1, or do without.',
    };
  }
  if (cgroup.manager === 'none') {
    return {
      cause: 'no systemd of yours is running that could grant it',
      remedy: `Log in by ssh or at the console instead of su or sudo, or have an administrator run: loginctl enable-linger ${uid}`,
    };
  }
  return undefined;
}

/** The limits of which the user need say nothing, as the flags count them; 0 is none. */
export function limitsInForce(
  { resources, cgroups }: Pick<ContainerConfig, 'resources' | 'cgroups'>,
  facts: Pick<HostFacts, 'cgroup'>,
): { readonly pidsMax: number; readonly memorySwap: number } {
  const { memoryMax = 0, memorySwap = 0 } = resources;
  if (cgroups === 'disabled') return { pidsMax: resources.pidsMax ?? 0, memorySwap };
  return {
    pidsMax: resources.pidsMax ?? defaultPidsMax(facts) ?? 0,
    memorySwap: memorySwap === 0 && memoryMax > 0 && facts.cgroup.swap ? 2 * memoryMax : memorySwap,
  };
}

/** Podman's `pids_limit` of containers.conf(5). */
const DEFAULT_PIDS_MAX = 2048;

/** Zero is Docker's word for no limit. */
function positive(bytes: number | undefined): number | 'max' | undefined {
  if (bytes === undefined) return undefined;
  return bytes > 0 ? bytes : 'max';
}

/** The kernel counts swap alone, Podman's flag memory and swap together: by default as much swap as memory. */
function swapLimit(
  { memoryMax = 0, memorySwap }: ResourceConfig,
  { cgroup }: Pick<HostFacts, 'cgroup'>,
): { readonly value: number | 'max' | undefined; readonly flag: string } {
  const flag = '--memory-swap';
  if (memorySwap === undefined || memorySwap === 0) {
    return { value: memoryMax > 0 && cgroup.swap ? memoryMax : undefined, flag };
  }
  if (!cgroup.swap && cgroup.controllers.includes('memory')) {
    throw new UsageError(`${flag} needs a kernel that counts swap, and this one does not`, {
      remedy: 'An administrator boots it with swapaccount=1, or leave the flag out.',
    });
  }
  if (memorySwap === -1) return { value: 'max', flag };
  if (memoryMax <= 0) {
    throw new UsageError(`${flag} needs --memory, which is part of it`, { remedy: 'Give both, or neither.' });
  }
  if (memorySwap < memoryMax) {
    throw new UsageError(`${flag} "${memorySwap}" is less than --memory "${memoryMax}", which is part of it`, {
      remedy: 'Give at least as much as --memory; as much means no swap.',
    });
  }
  return { value: memorySwap - memoryMax, flag };
}

/** @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files for the default period */
function cpuMax({ cpuQuotaUs, cpuPeriodUs }: ResourceConfig): string | undefined {
  if (cpuQuotaUs === undefined && cpuPeriodUs === undefined) return undefined;
  const quota = cpuQuotaUs === undefined || cpuQuotaUs <= 0 ? 'max' : cpuQuotaUs;
  return `${quota} ${cpuPeriodUs ?? 100_000}`;
}

/** Shares of 2 to 262144 become a weight of 1 to 10000, as crun and the kubelet convert them; 0 is the default. */
function cpuWeight(shares: number | undefined): number | undefined {
  if (shares === undefined || shares === 0) return undefined;
  const bounded = Math.min(Math.max(shares, 2), 262_144);
  return 1 + Math.floor(((bounded - 2) * 9999) / 262_142);
}

interface Limit {
  readonly file: string;
  readonly value: string | number | undefined;
  readonly flag: string;
  readonly instead?: CgroupWrite['instead'];
}

/**
 * The scheduler BFQ has a file of its own, with weights as cgroup v1 counted them; `io.weight` is for the others. As crun
 * and runc do it.
 *
 * @see https://docs.kernel.org/block/bfq-iosched.html
 */
function weights({ ioWeight, ioDeviceWeights = [] }: ResourceConfig): Limit[] {
  const limit = (flag: string, weight: number, device = ''): Limit => ({
    file: 'io.bfq.weight',
    value: `${device}${weight}`,
    flag,
    instead: { file: 'io.weight', value: `${device}${scaledWeight(weight)}` },
  });
  return [
    ...(ioWeight === undefined ? [] : [limit('--blkio-weight', ioWeight)]),
    ...ioDeviceWeights.map(({ number = '', value }) => limit('--blkio-weight-device', value, `${number} `)),
  ];
}

/** A weight of 10 to 1000 becomes one of 1 to 10000. */
function scaledWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

/** One write for each device and kind of limit. */
function deviceLimits(resources: ResourceConfig): { file: string; value: string; flag: string }[] {
  const max = (limits: readonly DeviceLimit[] = [], key: string, flag: string) =>
    limits.map(({ number = '', value }) => ({ file: 'io.max', value: `${number} ${key}=${value}`, flag }));
  return [
    ...max(resources.ioReadBytes, 'rbps', '--device-read-bps'),
    ...max(resources.ioWriteBytes, 'wbps', '--device-write-bps'),
    ...max(resources.ioReadOperations, 'riops', '--device-read-iops'),
    ...max(resources.ioWriteOperations, 'wiops', '--device-write-iops'),
  ];
}

function pidsMax({ pidsMax }: ResourceConfig, facts: Pick<HostFacts, 'cgroup'>): number | 'max' | undefined {
  if (pidsMax === undefined) return defaultPidsMax(facts);
  return pidsMax > 0 ? pidsMax : 'max';
}

/** A default is no demand: without the controller it is left out. */
function defaultPidsMax({ cgroup }: Pick<HostFacts, 'cgroup'>): number | undefined {
  return cgroup.controllers.includes('pids') ? DEFAULT_PIDS_MAX : undefined;
}

function missingController(controller: string, flag: string, facts: Pick<HostFacts, 'uid' | 'cgroup'>): UsageError {
  const needs = `${flag} needs the "${controller}" cgroup controller`;
  const none = explainNoCgroup(facts);
  if (none !== undefined) {
    const which = facts.cgroup.version === 1 ? `${needs} of cgroup v2` : needs;
    return new UsageError(`${which}, and ${none.cause}`, { remedy: none.remedy });
  }
  return new UsageError(`${needs}, which is not delegated to you`, {
    remedy: `An administrator writes "[Service]" and "Delegate=cpu cpuset io memory pids" to /etc/systemd/system/user@.service.d/delegate.conf, then: systemctl daemon-reload; systemctl restart user@${facts.uid}`,
  });
}
