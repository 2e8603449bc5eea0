import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceConfig } from '../../../src/model/container-config.ts';
import { changeLimits, compileCgroup, limitsInForce } from '../../../src/plan/cgroup.ts';

const cgroup = {
  version: 2,
  controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
  manager: 'scope',
  swap: true,
} as const;

function compile(resources: ResourceConfig, change: Partial<Parameters<typeof compileCgroup>[1]['cgroup']> = {}) {
  const writes = compileCgroup({ resources, cgroups: 'enabled' }, { uid: 1000, cgroup: { ...cgroup, ...change } });
  return Object.fromEntries(writes.map(({ file, value }) => [file, value]));
}

test('without a flag there are at most 2048 processes', () => {
  assert.deepEqual(compile({}), { 'pids.max': '2048' });
});

test('without a delegated pids controller the default is left out', () => {
  assert.deepEqual(compile({}, { controllers: ['memory'] }), {});
});

test('--pids-limit -1 is no limit', () => {
  assert.deepEqual(compile({ pidsMax: -1 }), { 'pids.max': 'max' });
});

test('no limit is granted where there is no controller, too', () => {
  const v1 = { version: 1, controllers: [], swap: false } as const;
  assert.deepEqual(compile({ pidsMax: -1, memorySwap: -1 }, v1), {});
  assert.deepEqual(compile({ pidsMax: -1, memorySwap: -1 }, { controllers: ['cpu'] }), {});
  assert.throws(() => compile({ pidsMax: 1 }, v1), /--pids-limit needs the "pids" cgroup controller of cgroup v2/);
});

test('--memory allows as much swap again', () => {
  assert.deepEqual(compile({ memoryMax: 67108864, pidsMax: 50 }), {
    'memory.max': '67108864',
    'memory.swap.max': '67108864',
    'pids.max': '50',
  });
});

test('--memory is kept on a kernel that does not count swap', () => {
  assert.deepEqual(compile({ memoryMax: 1024, pidsMax: 1 }, { swap: false }), {
    'memory.max': '1024',
    'pids.max': '1',
  });
});

test('what nobody has asked for and holds all the same is in force, as the flags count it', () => {
  const inForce = (resources: ResourceConfig, change: Partial<Parameters<typeof limitsInForce>[1]['cgroup']> = {}) =>
    limitsInForce({ resources, cgroups: 'enabled' }, { cgroup: { ...cgroup, ...change } });
  assert.deepEqual(inForce({}), { pidsMax: 2048, memorySwap: 0 });
  assert.deepEqual(inForce({ memoryMax: 100 }), { pidsMax: 2048, memorySwap: 200 });
  assert.deepEqual(inForce({ memoryMax: 100, memorySwap: 0, pidsMax: 5 }), { pidsMax: 5, memorySwap: 200 });
  assert.deepEqual(inForce({ memoryMax: 100, memorySwap: 150, pidsMax: -1 }), { pidsMax: -1, memorySwap: 150 });
  assert.deepEqual(inForce({ memoryMax: 100 }, { swap: false, controllers: ['memory'] }), {
    pidsMax: 0,
    memorySwap: 0,
  });
  const none = limitsInForce({ resources: { memoryMax: 100 }, cgroups: 'disabled' }, { cgroup });
  assert.deepEqual(none, { pidsMax: 0, memorySwap: 0 });
});

test('--memory-swap counts memory and swap together', () => {
  assert.equal(compile({ memoryMax: 100, memorySwap: 150 })['memory.swap.max'], '50');
  assert.equal(compile({ memoryMax: 100, memorySwap: 100 })['memory.swap.max'], '0');
  assert.equal(compile({ memoryMax: 100, memorySwap: -1 })['memory.swap.max'], 'max');
});

test('--memory-swap below --memory is refused', () => {
  assert.throws(() => compile({ memoryMax: 100, memorySwap: 50 }), {
    message: '--memory-swap "50" is less than --memory "100", which is part of it',
  });
});

test('--memory-swap alone is refused', () => {
  assert.throws(() => compile({ memorySwap: 50 }), { message: '--memory-swap needs --memory, which is part of it' });
});

test('--memory-reservation is a protection, not a limit', () => {
  assert.equal(compile({ memoryReservation: 4096 })['memory.low'], '4096');
});

test('--cpus 1.5 is 150 of every 100 ms', () => {
  assert.equal(compile({ cpuQuotaUs: 150_000, cpuPeriodUs: 100_000 })['cpu.max'], '150000 100000');
});

test('--cpu-shares from 2 to 262144 become weights from 1 to 10000', () => {
  assert.equal(compile({ cpuShares: 2 })['cpu.weight'], '1');
  assert.equal(compile({ cpuShares: 1024 })['cpu.weight'], '39');
  assert.equal(compile({ cpuShares: 262_144 })['cpu.weight'], '10000');
  assert.equal(compile({ cpuShares: 1 })['cpu.weight'], '1');
  assert.equal(compile({ cpuShares: 300_000 })['cpu.weight'], '10000');
});

test('a limit without its controller names the controller and the cure', () => {
  assert.throws(() => compile({ cpusetCpus: '0' }, { controllers: ['memory', 'pids'] }), {
    message: '--cpuset-cpus needs the "cpuset" cgroup controller, which is not delegated to you',
    remedy: /Delegate=cpu cpuset io memory pids.*systemctl restart user@1000/,
  });
});

test('a limit on cgroup v1 says so', () => {
  assert.throws(() => compile({ memoryMax: 1 }, { version: 1, controllers: [], manager: 'none', swap: false }), {
    message: '--memory needs the "memory" cgroup controller of cgroup v2, and this host has cgroup v1',
  });
});

test('--cgroups=disabled ignores limits', () => {
  const facts = { uid: 1000, cgroup: { version: 1, controllers: [], manager: 'none', swap: false } } as const;
  assert.deepEqual(compileCgroup({ resources: { memoryMax: 1 }, cgroups: 'disabled' }, facts), []);
});

test('changed limits are all written anew, and those that are gone become the defaults of the kernel', () => {
  const old = [
    { file: 'memory.max', value: '4096' },
    { file: 'cpu.max', value: '50000 100000' },
    { file: 'cpuset.cpus', value: '0' },
    { file: 'pids.max', value: '5' },
  ];
  assert.deepEqual(changeLimits(old, [{ file: 'pids.max', value: '9' }]), [
    { file: 'memory.max', value: 'max' },
    { file: 'cpu.max', value: 'max 100000' },
    { file: 'cpuset.cpus', value: '\n' },
    { file: 'pids.max', value: '9' },
  ]);
});

test('a limit of a block device that is gone is taken from that device alone', () => {
  const old = [
    { file: 'io.bfq.weight', value: '10', instead: { file: 'io.weight', value: '1' } },
    { file: 'io.bfq.weight', value: '8:0 1000', instead: { file: 'io.weight', value: '8:0 10000' } },
    { file: 'io.max', value: '8:0 rbps=1' },
    { file: 'io.max', value: '8:16 rbps=1' },
  ];
  assert.deepEqual(changeLimits(old, [{ file: 'io.max', value: '8:0 rbps=2' }]), [
    { file: 'io.bfq.weight', value: '100', instead: { file: 'io.weight', value: '100' } },
    { file: 'io.bfq.weight', value: '8:0 default', instead: { file: 'io.weight', value: '8:0 default' } },
    { file: 'io.max', value: '8:16 rbps=max' },
    { file: 'io.max', value: '8:0 rbps=2' },
  ]);
});

test('limits of block devices become lines of io.max, and weights are those of BFQ where it is', () => {
  const device = { path: '/dev/sda', number: '8:0' };
  const resources = {
    ioWeight: 10,
    ioDeviceWeights: [{ ...device, value: 1000 }],
    ioReadBytes: [{ ...device, value: 1_048_576 }],
    ioWriteOperations: [{ ...device, value: 5 }],
    unified: { 'memory.high': '1000000' },
  };
  assert.deepEqual(compileCgroup({ resources, cgroups: 'enabled' }, { uid: 1000, cgroup }), [
    { file: 'io.bfq.weight', value: '10', instead: { file: 'io.weight', value: '1' } },
    { file: 'io.bfq.weight', value: '8:0 1000', instead: { file: 'io.weight', value: '8:0 10000' } },
    { file: 'io.max', value: '8:0 rbps=1048576' },
    { file: 'io.max', value: '8:0 wiops=5' },
    { file: 'pids.max', value: '2048' },
    { file: 'memory.high', value: '1000000' },
  ]);
});
