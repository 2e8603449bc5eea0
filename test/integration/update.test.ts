import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none', '--name', 'c'];

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

test('update --restart counts for a container that runs', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, 'busybox', 'sh', '-c', 'until [ -e /end ]; do sleep 0.05; done; rm /end; exit 3');
  await tspod.ok('update', '--restart', 'on-failure:1', 'c');
  await tspod.ok('exec', 'c', 'touch', '/end');
  await eventually(
    async () => (await tspod.ok('inspect', '--format', '{{.RestartCount}}', 'c')) === '1',
    'the container is restarted',
  );
  assert.equal(await tspod.ok('inspect', '--format', '{{.HostConfig.RestartPolicy.Name}}', 'c'), 'on-failure');
});

test('update --restart of a container that is removed after its exit is refused', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--rm', 'busybox', 'sleep', '1000');
  const { exitCode, stderr } = await tspod('update', '--restart', 'always', 'c');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"c" is removed after its exit/);
});
