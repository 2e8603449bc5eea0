/** The limits of `run`, `create` and `update`. */
import { UsageError } from '../../errors.ts';
import type { ResourceConfig } from '../../model/container-config.ts';
import type { ContainerFlags } from '../container-flags.ts';
import type { LimitFlags } from '../container-flags/resources.ts';
import { withoutMissing } from './loose.ts';

/** @throws {UsageError} when limits contradict each other */
export function collectResources(flags: ContainerFlags): ResourceConfig {
  const { memory } = flags;
  const memorySwap = flags['memory-swap'];
  if (memorySwap !== undefined && memorySwap > 0) {
    if (memory === undefined) {
      throw new UsageError('--memory-swap counts memory too, and there is no --memory', {
        remedy: 'Give both: --memory 512m --memory-swap 1g',
      });
    }
    if (memorySwap < memory) {
      throw new UsageError('--memory-swap counts memory too, and is smaller than --memory', {
        remedy: 'Make it at least as large: --memory 512m --memory-swap 1g',
      });
    }
  }
  if (flags['oom-kill-disable']) {
    throw new UsageError(
      '--oom-kill-disable is a setting of cgroup v1: cgroup v2 always kills what exceeds its memory',
      {
        remedy: 'Leave it out; a higher --memory gives it more room.',
      },
    );
  }
  return withoutMissing<ResourceConfig>({
    ...readLimits(flags),
    unified: flags['cgroup-conf'] && Object.fromEntries(flags['cgroup-conf'].map(({ key, value }) => [key, value])),
  });
}

/** The flags of `update`: what they set, and the limits that a zero takes away. */
export function collectLimitChanges(flags: LimitFlags, given: ReadonlySet<string>): LimitChanges {
  const set = readLimits(flags);
  const cleared = Object.entries(CLEARED_BY_ZERO).flatMap(([flag, limits]) => (given.has(flag) ? limits : []));
  return { set, cleared: cleared.filter((limit) => set[limit] === undefined) };
}

export interface LimitChanges {
  readonly set: ResourceConfig;
  readonly cleared: readonly (keyof ResourceConfig)[];
}

const CLEARED_BY_ZERO: Readonly<Record<string, readonly (keyof ResourceConfig)[]>> = {
  'blkio-weight': ['ioWeight'],
  'cpu-period': ['cpuPeriodUs'],
  'cpu-quota': ['cpuQuotaUs'],
  'cpu-shares': ['cpuShares'],
  cpus: ['cpuQuotaUs', 'cpuPeriodUs'],
  memory: ['memoryMax', 'memorySwap'],
  'memory-reservation': ['memoryReservation'],
  'memory-swap': ['memorySwap'],
};

function readLimits(flags: LimitFlags): ResourceConfig {
  const { cpus } = flags;
  if (cpus && (flags['cpu-quota'] !== undefined || flags['cpu-period'] !== undefined)) {
    throw new UsageError('--cpus already sets what --cpu-quota and --cpu-period set', { remedy: 'Give either.' });
  }
  if ((flags['memory-swappiness'] ?? -1) !== -1) {
    throw new UsageError('--memory-swappiness is a setting of cgroup v1: cgroup v2 has none for a container', {
      remedy: 'Limit what may be swapped: --memory 512m --memory-swap 512m',
    });
  }
  return withoutMissing<ResourceConfig>({
    memoryMax: flags.memory || undefined,
    memorySwap: flags['memory-swap'] || undefined,
    memoryReservation: flags['memory-reservation'] || undefined,
    cpuQuotaUs: cpus?.cpuQuotaUs ?? flags['cpu-quota'],
    cpuPeriodUs: cpus?.cpuPeriodUs ?? flags['cpu-period'],
    cpuShares: flags['cpu-shares'],
    cpusetCpus: flags['cpuset-cpus'],
    cpusetMems: flags['cpuset-mems'],
    ioWeight: flags['blkio-weight'],
    ioDeviceWeights: flags['blkio-weight-device'],
    ioReadBytes: flags['device-read-bps'],
    ioWriteBytes: flags['device-write-bps'],
    ioReadOperations: flags['device-read-iops'],
    ioWriteOperations: flags['device-write-iops'],
    pidsMax: flags['pids-limit'] === 0 ? -1 : flags['pids-limit'],
  });
}
