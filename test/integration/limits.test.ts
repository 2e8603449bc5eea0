import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

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

test('run --cpus and --cpu-shares become a quota and a weight', { skip: missing('cgroup:cpu') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const files = ['/sys/fs/cgroup/cpu.max', '/sys/fs/cgroup/cpu.weight'];
  assert.equal(
    await tspod.ok(...run, '--cpus', '0.5', '--cpu-shares', '512', 'busybox', 'cat', ...files),
    '50000 100000\n20',
  );
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
  'a container is in a scope of the user manager, and nothing is left of the scope',
  { skip: missing('systemd') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const id = await tspod.ok('run', '-d', '--network', 'none', 'busybox', 'sleep', '1000');
    const show = () => systemctl('list-units', '--all', '--plain', '--no-legend', `tspod-${id}.scope`);
    assert.match(show(), /active +running/);
    const tree = systemctl('status', `tspod-${id}.scope`);
    assert.match(tree, /sleep 1000/);
    assert.match(tree, /tspod-monitor/);
    await tspod.ok('rm', '--force', '--time', '0', id);
    await eventually(() => show() === '', 'the scope is gone');
  },
);

test(
  'a scope that systemd keeps of a killed start is in the way of no other, and goes with the container',
  { skip: missing('systemd') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const [started, removed] = [
      await tspod.ok('create', '--network', 'none', 'busybox', 'true'),
      await tspod.ok('create', '--network', 'none', 'busybox', 'true'),
    ];
    for (const id of [started, removed]) await makeScopeThatNeverEnds(`tspod-${id}.scope`);
    await tspod.ok('start', '--attach', started);
    await tspod.ok('rm', started, removed);
  },
);

/** Of a process that has ended when systemd moves it there: systemd waits for an end that it was told before. */
async function makeScopeThatNeverEnds(name: string): Promise<void> {
  const script = 'cat <&3 & echo $!; exec sleep 1000';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  try {
    const [answer] = (await once(parent.stdio[1] as Readable, 'data')) as [Buffer];
    const zombie = answer.toString().trim();
    await eventually(
      () => readFileSync(`/proc/${String(parent.pid)}/comm`, 'latin1') === 'sleep\n',
      'sleep reaps none',
    );
    (parent.stdio[3] as Writable).end();
    await eventually(() => /^State:\tZ/m.test(readFileSync(`/proc/${zombie}/status`, 'latin1')), 'cat has ended');
    const manager = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager'];
    const call = ['StartTransientUnit', 'ssa(sv)a(sa(sv))', name, 'fail', '1', 'PIDs', 'au', '1', zombie, '0'];
    execFileSync('busctl', ['--user', 'call', ...manager, ...call]);
    await eventually(() => systemctl('is-active', name) === 'active', 'the scope is there');
  } finally {
    parent.kill('SIGKILL');
  }
}

function systemctl(...args: readonly string[]): string {
  const { stdout } = spawnSync('systemctl', ['--user', ...args], { encoding: 'utf8' });
  return stdout.trim();
}
