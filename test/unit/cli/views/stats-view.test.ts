import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRows } from '../../../../src/cli/format.ts';
import { statsView } from '../../../../src/cli/views/stats-view.ts';

const id = 'a9f807ffaacd'.padEnd(64, '0');
const busy = {
  id,
  name: 'busy',
  atMs: 1_700_000_000_000,
  cpuNs: 36_384_000,
  cpuSystemNs: 1000,
  cpu: 12.345,
  averageCpu: 0.5,
  memory: 3_092_000,
  memoryLimit: 16_700_000_000,
  netInput: 1200,
  netOutput: 0,
  blockInput: 0,
  blockOutput: 4096,
  pids: 2,
};
const idle = { id: 'b'.repeat(64), name: 'idle', atMs: 1_700_000_000_000 };
const show = (format?: string) => formatRows([busy, idle], statsView({ full: false }), { format });

test("the table is Podman's, with -- for what is not known", async () => {
  const [head = '', first = '', second = ''] = (await show()).split('\n').map((line) => line.split(/ {2,}/).join('|'));
  assert.equal(head, 'ID|NAME|CPU %|MEM USAGE / LIMIT|MEM %|NET IO|BLOCK IO|PIDS|CPU TIME|AVG CPU %');
  assert.equal(first, 'a9f807ffaacd|busy|12.35%|3.092MB / 16.7GB|0.02%|1.2kB / 0B|0B / 4.096kB|2|36.384ms|0.50%');
  assert.equal(second, 'bbbbbbbbbbbb|idle|--|-- / --|--|-- / --|-- / --|--|--|--');
});

test('json has the keys of Podman', async () => {
  const [first] = JSON.parse(await show('json')) as object[];
  assert.deepEqual(first, {
    id: 'a9f807ffaacd',
    name: 'busy',
    cpu_time: '36.384ms',
    cpu_percent: '12.35%',
    avg_cpu: '0.50%',
    mem_usage: '3.092MB / 16.7GB',
    mem_percent: '0.02%',
    net_io: '1.2kB / 0B',
    block_io: '0B / 4.096kB',
    pids: '2',
  });
});

test('templates have numbers and texts, a table of them its headings', async () => {
  assert.equal(
    (await show('table {{.Name}}\t{{.MemUsageBytes}}\t{{.UpTime}}')).split('\n')[0]?.replaceAll(/ {2,}/g, '|'),
    'NAME|MEM USAGE / LIMIT|CPU TIME',
  );
  assert.equal(
    (await show('{{.Name}} {{.BlockOutput}} {{.MemUsageBytes}}')).split('\n')[0],
    'busy 4096 2.949MiB / 15.55GiB',
  );
});
