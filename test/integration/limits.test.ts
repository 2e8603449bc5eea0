import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];
const detached = ['run', '-d', '--network', 'none', '--name', 'c'];

test(
  'run --memory and --pids-limit limit the container',
  { skip: missing('cgroup:memory', 'cgroup:pids') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const files = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/pids.max'];
    assert.equal(await tspod.ok(...run, '-m', '64m', '--pids-limit', '50', 'busybox', 'cat', ...files), '67108864\n50');
  },
);

test(
  'run --memory-swap and --memory-reservation are swap beside memory, and a protected part',
  { skip: missing('cgroup:memory') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const limits = ['--memory', '64m', '--memory-swap', '96m', '--memory-reservation', '32m'];
    const files = ['memory.max', 'memory.swap.max', 'memory.low'].map((file) => `/sys/fs/cgroup/${file}`);
    assert.equal(await tspod.ok(...run, ...limits, 'busybox', 'cat', ...files), '67108864\n33554432\n33554432');
  },
);

test(
  'inspect shows the limits that hold, also those that nobody has asked for',
  { skip: missing('cgroup:memory', 'cgroup:pids') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    await tspod.ok('create', '--name', 'c', '-m', '64m', 'busybox');
    const format = '{{.HostConfig.PidsLimit}} {{.HostConfig.MemorySwap}}';
    assert.equal(await tspod.ok('inspect', '--format', format, 'c'), '2048 134217728');
  },
);

test('run --cpus and --cpu-shares become a quota and a weight', { skip: missing('cgroup:cpu') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const files = ['/sys/fs/cgroup/cpu.max', '/sys/fs/cgroup/cpu.weight'];
  assert.equal(
    await tspod.ok(...run, '--cpus', '0.5', '--cpu-shares', '512', 'busybox', 'cat', ...files),
    '50000 100000\n20',
  );
});

test('a limit of 0 or -1 is none, with any cgroup', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const flags = ['--cpu-shares=0', '--cpu-quota=-1', '--cpu-period=0', '--blkio-weight=0', '--memory-swap=0'];
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', ...flags, 'busybox', 'echo', 'up'), 'up');
  await tspod.ok('create', '--name', 'c', ...flags, 'busybox', 'true');
  const format =
    '{{with .HostConfig}}{{.CpuShares}} {{.CpuQuota}} {{.CpuPeriod}} {{.BlkioWeight}} {{.MemorySwap}}{{end}}';
  assert.equal(await tspod.ok('inspect', '--format', format, 'c'), '0 0 0 0 0');
});

test('run --cpuset-cpus pins the container', { skip: missing('cgroup:cpuset') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(
    await tspod.ok(...run, '--cpuset-cpus', '0', 'busybox', 'cat', '/sys/fs/cgroup/cpuset.cpus.effective'),
    '0',
  );
});

test(
  'a container that needs more memory than its limit is killed, and inspect says why',
  { skip: missing('cgroup:memory') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { exitCode } = await tspod(
      'run',
      '--name',
      'glutton',
      '--network',
      'none',
      '-m',
      '16m',
      '--memory-swap',
      '16m',
      'busybox',
      'sh',
      '-c',
      'tail /dev/zero',
    );
    assert.equal(exitCode, 137);
    assert.equal(await tspod.ok('inspect', '--format', '{{.State.OOMKilled}}', 'glutton'), 'true');
  },
);

test('the container is the root of the cgroup hierarchy it sees', { skip: missing('cgroup:pids') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(await tspod.ok(...run, 'busybox', 'cat', '/proc/self/cgroup'), '0::/');
});

test('the container may not raise its own limit', { skip: missing('cgroup:memory') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'echo max >/sys/fs/cgroup/memory.max; cat /sys/fs/cgroup/memory.max';
  assert.equal((await tspod(...run, '-m', '64m', 'busybox', 'sh', '-c', script)).stdout, '67108864');
});

test(
  'update changes the limits of a running container at once, and those of its next start',
  { skip: missing('cgroup:memory', 'cgroup:cpu', 'cgroup:pids') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const limits = () =>
      tspod.ok('exec', 'c', 'cat', ...['memory.max', 'cpu.max', 'pids.max'].map((name) => `/sys/fs/cgroup/${name}`));
    const id = await tspod.ok(...detached, '--memory', '64m', 'busybox', 'sleep', '1000');
    assert.equal(await tspod.ok('update', '--memory', '128m', '--cpus', '0.5', '--pids-limit', '77', 'c'), id);
    assert.equal(await limits(), '134217728\n50000 100000\n77');
    assert.equal(
      await tspod.ok('inspect', '--format', '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}', 'c'),
      '134217728 77',
    );
    await tspod.ok('restart', '--time', '0', 'c');
    assert.equal(await limits(), '134217728\n50000 100000\n77');
    await tspod.ok('update', '--memory', '0', '--cpus', '0', 'c');
    assert.equal(await limits(), 'max\nmax 100000\n77');
    await tspod.ok('update', '--cpu-quota', '20000', '--cpu-period', '40000', '--cpu-shares', '512', 'c');
    assert.equal(await limits(), 'max\n20000 40000\n77');
    await tspod.ok('update', '--cpu-quota', '-1', '--cpu-period', '0', '--cpu-shares', '0', 'c');
    assert.equal(await limits(), 'max\nmax 100000\n77');
    assert.equal(await tspod.ok('exec', 'c', 'cat', '/sys/fs/cgroup/cpu.weight'), '100');
  },
);

test(
  'a limit that the kernel refuses leaves the container as it was',
  { skip: missing('cgroup:cpuset', 'cgroup:memory') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    await tspod.ok(...detached, 'busybox', 'sleep', '1000');
    const { exitCode, stderr } = await tspod('update', '--memory', '64m', '--cpuset-cpus', '9000', 'c');
    assert.equal(exitCode, 125);
    assert.match(stderr, /^Error: cannot set "cpuset.cpus" of the container's cgroup to "9000"/);
    assert.equal(await tspod.ok('inspect', '--format', '{{.HostConfig.CpusetCpus}} {{.HostConfig.Memory}}', 'c'), '0');
    assert.equal(await tspod.ok('exec', 'c', 'cat', '/sys/fs/cgroup/memory.max'), 'max', 'written before the other');
  },
);
