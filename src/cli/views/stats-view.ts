/** Containers as `stats` shows them. */
import type { ContainerStats } from '../../model/container-stats.ts';
import { formatDuration } from '../../model/duration.ts';
import type { View } from '../format.ts';
import { binarySize, decimalSize } from '../human.ts';

const NOTHING = '--';

/** Podman's table, template fields and JSON of `stats`. */
export function statsView({ full }: { readonly full: boolean }): View<ContainerStats> {
  const id = (row: ContainerStats) => (full ? row.id : row.id.slice(0, 12));
  return {
    columns: [
      { heading: 'ID', cell: id },
      { heading: 'NAME', cell: ({ name }) => name },
      { heading: 'CPU %', cell: ({ cpu }) => percent(cpu) },
      { heading: 'MEM USAGE / LIMIT', cell: memoryUse },
      { heading: 'MEM %', cell: (row) => percent(memoryPercent(row)) },
      { heading: 'NET IO', cell: networkUse },
      { heading: 'BLOCK IO', cell: blockUse },
      { heading: 'PIDS', cell: pids },
      { heading: 'CPU TIME', cell: cpuTime },
      { heading: 'AVG CPU %', cell: ({ averageCpu }) => percent(averageCpu) },
    ],
    fields: {
      AVGCPU: (row) => percent(row.averageCpu),
      AvgCPU: (row) => row.averageCpu ?? 0,
      BlockIO: blockUse,
      BlockInput: (row) => row.blockInput ?? 0,
      BlockOutput: (row) => row.blockOutput ?? 0,
      CPU: (row) => row.cpu ?? 0,
      CPUNano: (row) => row.cpuNs ?? 0,
      CPUPerc: (row) => percent(row.cpu),
      CPUSystemNano: (row) => row.cpuSystemNs ?? 0,
      ContainerID: (row) => row.id,
      Duration: (row) => row.cpuNs ?? 0,
      ID: id,
      MemLimit: (row) => row.memoryLimit ?? 0,
      MemPerc: (row) => percent(memoryPercent(row)),
      MemUsage: memoryUse,
      MemUsageBytes: (row) => pair(row.memory, row.memoryLimit, binarySize),
      Name: (row) => row.name,
      NetIO: networkUse,
      NetInput: (row) => row.netInput ?? 0,
      NetOutput: (row) => row.netOutput ?? 0,
      PIDS: pids,
      PIDs: (row) => row.pids ?? 0,
      PerCPU: () => null,
      SystemNano: (row) => row.atMs * 1e6,
      Up: cpuTime,
      UpTime: cpuTime,
    },
    headings: {
      AVGCPU: 'AVG CPU %',
      BlockIO: 'BLOCK IO',
      CPUPerc: 'CPU %',
      MemPerc: 'MEM %',
      MemUsage: 'MEM USAGE / LIMIT',
      MemUsageBytes: 'MEM USAGE / LIMIT',
      NetIO: 'NET IO',
      UpTime: 'CPU TIME',
    },
    json: (row) => ({
      id: id(row),
      name: row.name,
      cpu_time: cpuTime(row),
      cpu_percent: percent(row.cpu),
      avg_cpu: percent(row.averageCpu),
      mem_usage: memoryUse(row),
      mem_percent: percent(memoryPercent(row)),
      net_io: networkUse(row),
      block_io: blockUse(row),
      pids: pids(row),
    }),
  };
}

function percent(value: number | undefined): string {
  return value === undefined ? NOTHING : `${value.toFixed(2)}%`;
}

function pair(a: number | undefined, b: number | undefined, size = decimalSize): string {
  return a === undefined || b === undefined ? `${NOTHING} / ${NOTHING}` : `${size(a)} / ${size(b)}`;
}

function memoryUse({ memory, memoryLimit }: ContainerStats): string {
  return pair(memory, memoryLimit);
}

function memoryPercent({ memory, memoryLimit }: ContainerStats): number | undefined {
  return memory === undefined || !memoryLimit ? undefined : (100 * memory) / memoryLimit;
}

function networkUse({ netInput, netOutput }: ContainerStats): string {
  return pair(netInput, netOutput);
}

function blockUse({ blockInput, blockOutput }: ContainerStats): string {
  return pair(blockInput, blockOutput);
}

function pids({ pids }: ContainerStats): string {
  return pids === undefined ? NOTHING : String(pids);
}

function cpuTime({ cpuNs }: ContainerStats): string {
  return cpuNs === undefined ? NOTHING : formatDuration(cpuNs / 1e6);
}
