/** The limits of `run` and `create`. */
import { UsageError } from '../../errors.ts';
import type { ResourceConfig } from '../../model/container-config.ts';
import type { ContainerFlags } from '../container-flags.ts';
import { withoutMissing } from './loose.ts';

/** @throws {UsageError} when limits contradict each other */
export function collectResources(flags: ContainerFlags): ResourceConfig {
  const { cpus, memory } = flags;
  const memorySwap = flags['memory-swap'];
  if (flags.cpus && (flags['cpu-quota'] !== undefined || flags['cpu-period'] !== undefined)) {
    throw new UsageError('--cpus already sets what --cpu-quota and --cpu-period set', { remedy: 'Give either.' });
  }
  if (memorySwap !== undefined && memorySwap !== -1) {
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
  return withoutMissing<ResourceConfig>({
    memoryMax: memory === 0 ? undefined : memory,
    memorySwap: memorySwap === 0 ? undefined : memorySwap,
    memoryReservation: flags['memory-reservation'],
    cpuQuotaUs: cpus?.cpuQuotaUs ?? flags['cpu-quota'],
    cpuPeriodUs: cpus?.cpuPeriodUs ?? flags['cpu-period'],
    cpuShares: flags['cpu-shares'],
    cpusetCpus: flags['cpuset-cpus'],
    cpusetMems: flags['cpuset-mems'],
    pidsMax: flags['pids-limit'] === 0 ? -1 : flags['pids-limit'],
  });
}
