import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];
const ticking = ['busybox', 'sh', '-c', 'while :; do echo tick; sleep 0.05; done'];

test('pause freezes every process, and unpause lets them go on', { skip: missing('systemd') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'c', ...ticking);
  assert.equal(await tspod.ok('pause', 'c'), 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}} {{.State.Paused}}', 'c'), 'paused true');
  assert.match(await tspod.ok('ps', '--filter', 'status=paused', '--format', '{{.Names}} {{.Status}}'), /^c Paused/);
  const lines = (await tspod.ok('logs', 'c')).length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal((await tspod.ok('logs', 'c')).length, lines);
  const exec = await tspod('exec', 'c', 'true');
  assert.notEqual(exec.exitCode, 0);
  assert.match(exec.stderr, /"c" is paused\n {2}try: tspod unpause c$/m);
  assert.equal(await tspod.ok('unpause', 'c'), 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}}', 'c'), 'running');
});

test(
  'pause --all means those that run, unpause --all those that are paused',
  { skip: missing('systemd') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const id = await tspod.ok(...detached, '--name', 'up', 'busybox', 'sleep', '1000');
    await tspod.ok('create', '--name', 'down', 'busybox');
    assert.equal(await tspod.ok('pause', '--all'), id);
    assert.equal(await tspod.ok('pause', '--all'), '');
    assert.equal((await tspod('pause', 'up')).exitCode, 125, 'it is paused already');
    assert.equal(await tspod.ok('unpause', '--filter', 'name=up'), id);
    assert.equal((await tspod('unpause', 'up')).exitCode, 125, 'it is not paused');
  },
);

test('a paused container that is removed by force runs no more', { skip: missing('systemd') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('volume', 'create', 'v');
  const script = 'trap "echo late >/v/late" TERM; echo ready >/v/ready; while :; do sleep 0.05; done';
  await tspod.ok(...detached, '--name', 'c', '-v', 'v:/v', '--stop-timeout', '1000', 'busybox', 'sh', '-c', script);
  const seen = () => tspod.ok('run', '--rm', '--network', 'none', '-v', 'v:/v', 'busybox', 'ls', '/v');
  await eventually(async () => (await seen()) === 'ready', 'it waits for the signal');
  await tspod.ok('pause', 'c');
  await tspod.ok('rm', '--force', 'c');
  assert.equal(await seen(), 'ready');
});

test('a paused container can be removed by force, and killed', { skip: missing('systemd') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'a', 'busybox', 'sleep', '1000');
  await tspod.ok(...detached, '--name', 'b', 'busybox', 'sleep', '1000');
  await tspod.ok('pause', 'a', 'b');
  assert.equal((await tspod('rm', 'a')).exitCode, 2);
  await tspod.ok('rm', '--force', 'a');
  await tspod.ok('kill', 'b');
  assert.equal(await tspod.ok('wait', 'b'), '137');
});

test('pause without a cgroup is a sentence', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--cgroups', 'disabled', '--name', 'c', 'busybox', 'sleep', '1000');
  const { exitCode, stderr } = await tspod('pause', 'c');
  assert.equal(exitCode, 125);
  assert.match(stderr, /^Error: cannot pause "c" without a cgroup of its own, and .*\n {2}\S/);
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}}', 'c'), 'running');
});

test(
  'a container goes on when the commit that has paused it ends, however that is',
  { skip: missing('systemd') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const script = 'head -c 30000000 /dev/urandom >/large; touch /ready; while :; do sleep 0.05; done';
    await tspod.ok(...detached, '--name', 'c', 'busybox', 'sh', '-c', script);
    await eventually(async () => (await tspod('exec', 'c', 'test', '-e', '/ready')).exitCode === 0, 'the file');
    const status = () => tspod.ok('inspect', '--format', '{{.State.Status}}', 'c');
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
      const commit = tspod.start('commit', '--pause', 'c');
      await eventually(async () => (await status()) === 'paused', 'the pause');
      commit.kill(signal);
      await once(commit, 'close');
      await eventually(async () => (await status()) === 'running', `the container after ${signal}`);
    }
    await tspod.ok('commit', '--pause', '--quiet', 'c', 'made');
    assert.equal(await status(), 'running');
  },
);
