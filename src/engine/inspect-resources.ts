/** The part of `HostConfig` of `inspect` that is about limits and devices. */
import { readHardLimit } from '../host/limits.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { DeviceLimit } from '../model/device-limit.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { HOST_ULIMITS } from '../model/ulimit.ts';
import { limitsInForce } from '../plan/cgroup.ts';
import { DEFAULT_ULIMITS, raisedUlimits } from '../plan/process.ts';

/** What the container may use; also limits that nobody has asked for. */
export function inspectResources(config: ContainerConfig, facts: HostFacts) {
  const { resources } = config;
  const { pidsMax, memorySwap } = limitsInForce(config, facts);
  return {
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memoryMax ?? 0,
    NanoCpus: nanoCpus(resources),
    CgroupParent: config.cgroupParent ?? '',
    BlkioWeight: resources.ioWeight ?? 0,
    BlkioWeightDevice: inspectLimits(resources.ioDeviceWeights, 'Weight'),
    BlkioDeviceReadBps: inspectLimits(resources.ioReadBytes, 'Rate'),
    BlkioDeviceWriteBps: inspectLimits(resources.ioWriteBytes, 'Rate'),
    BlkioDeviceReadIOps: inspectLimits(resources.ioReadOperations, 'Rate'),
    BlkioDeviceWriteIOps: inspectLimits(resources.ioWriteOperations, 'Rate'),
    CpuPeriod: resources.cpuPeriodUs ?? 0,
    CpuQuota: resources.cpuQuotaUs ?? 0,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: resources.cpusetCpus ?? '',
    CpusetMems: resources.cpusetMems ?? '',
    Devices: config.devices.map(({ host, container, permissions }) => ({
      PathOnHost: host,
      PathInContainer: container,
      CgroupPermissions: permissions,
    })),
    DiskQuota: 0,
    KernelMemory: 0,
    MemoryReservation: resources.memoryReservation ?? 0,
    MemorySwap: memorySwap,
    MemorySwappiness: 0,
    OomKillDisable: false,
    PidsLimit: pidsMax,
    Ulimits: inspectUlimits(config.process.ulimits),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    Cgroups: config.cgroups === 'enabled' ? 'default' : 'disabled',
    CgroupConf: resources.unified ?? null,
  };
}

function inspectLimits(limits: readonly DeviceLimit[] | undefined, key: 'Weight' | 'Rate') {
  return limits?.map(({ path, value }) => ({ Path: path, [key]: value })) ?? null;
}

function nanoCpus({ cpuQuotaUs, cpuPeriodUs }: ContainerConfig['resources']): number {
  return cpuQuotaUs === undefined || cpuQuotaUs < 0 ? 0 : Math.round((cpuQuotaUs / (cpuPeriodUs ?? 100_000)) * 1e9);
}

/** As it would start now, with the caller's limits. */
function inspectUlimits(asked: ContainerConfig['process']['ulimits']) {
  const raised = raisedUlimits(asked).map((name) => {
    const limit = Math.min(DEFAULT_ULIMITS[name], readHardLimit(name));
    return { name, soft: limit, hard: limit };
  });
  const own = asked.filter(({ name }) => name !== HOST_ULIMITS.name);
  return [...own, ...raised].map(({ name, soft, hard }) => ({
    Name: `RLIMIT_${name.toUpperCase()}`,
    Soft: soft,
    Hard: hard,
  }));
}
