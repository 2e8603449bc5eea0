/** What stays in memory for each container. */
import { readFileSync } from 'node:fs';
import { callEach, IMAGE, type Bench } from './compare.ts';
import { median } from './figures.ts';

/** Ten detached containers: their monitors against as many conmon. */
export async function benchMemory(bench: Bench): Promise<void> {
  for (let n = 1; n <= 10; n += 1) await callEach(bench, 'run', '-d', '--network', 'none', IMAGE, 'sleep', '86400');
  const monitors = readMemory(bench.tspod.monitorPids());
  const conmons = bench.podman && readMemory(bench.podman.monitorPids());
  bench.rows.push({
    what: 'monitors of ten containers, proportional (PSS), median',
    unit: 'MiB',
    tspod: median(monitors.pss),
    podman: conmons && median(conmons.pss),
    bar: 0.4,
  });
  bench.limits.push({
    what: 'monitors of ten containers, resident (RSS), greatest',
    value: Math.max(...monitors.rss),
    unit: 'MiB',
    atMost: 1,
  });
  await callEach(bench, 'rm', '--all', '--force', '--time', '0');
}

/** In MiB, from the kernel's own sums: proc(5). */
function readMemory(pids: readonly number[]): { readonly rss: readonly number[]; readonly pss: readonly number[] } {
  const texts = pids.map((pid) => readFileSync(`/proc/${String(pid)}/smaps_rollup`, 'utf8'));
  const values = (field: string) =>
    texts.map((text) => Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(text)?.[1]) / 1024);
  return { rss: values('Rss'), pss: values('Pss') };
}
