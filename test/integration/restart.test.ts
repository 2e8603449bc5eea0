import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('--restart on-failure:N starts again N times and then gives up', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'c', '--restart', 'on-failure:2', 'busybox', 'sh', '-c', 'echo run; exit 5');
  await eventually(
    async () => (await tspod.ok('inspect', '--format', '{{.State.Status}}', 'c')) === 'exited',
    'it has given up',
  );
  assert.equal(await tspod.ok('logs', 'c'), 'run\nrun\nrun');
  assert.equal(await tspod.ok('inspect', '--format', '{{.RestartCount}} {{.State.ExitCode}}', 'c'), '2 5');
});

test('--restart on-failure does not start again what ended well; no never does', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'good', '--restart', 'on-failure', 'busybox', 'echo', 'once');
  await tspod.ok(...detached, '--name', 'never', '--restart', 'no', 'busybox', 'sh', '-c', 'echo once; exit 1');
  for (const name of ['good', 'never']) {
    await tspod.ok('wait', name);
    assert.equal(await tspod.ok('logs', name), 'once');
  }
});

for (const policy of ['always', 'unless-stopped']) {
  test(`--restart ${policy} starts again until the user stops it`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    await tspod.ok(...detached, '--name', 'c', '--restart', policy, 'busybox', 'sh', '-c', 'echo run; sleep 0.2');
    await eventually(async () => (await tspod.ok('logs', 'c')).split('\n').length >= 3, 'it has run three times');
    await tspod.ok('stop', '--time', '0', 'c');
    assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}}', 'c'), 'exited');
    const runs = await tspod.ok('logs', 'c');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(await tspod.ok('logs', 'c'), runs, 'stopped is stopped');
  });
}

test('a restart that cannot be recorded leaves no process, and one that can has one', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, '--restart', 'always', 'busybox', 'sleep', '7304100');
  const running = () =>
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).match(/^sleep 7304100$/gm)?.length ?? 0;
  const restarts = async () =>
    (await tspod.ok('events', '--stream=false', '--filter', 'event=restart')).split('\n').length;
  const record = join(tspod.store, 'containers', id, 'init.json');
  const pid = Number(await tspod.ok('inspect', '--format', '{{.State.Pid}}', id));
  rmSync(record);
  mkdirSync(join(record, 'in-the-way'), { recursive: true });
  process.kill(pid, 'SIGKILL');
  await eventually(async () => (await restarts()) >= 4, 'it has tried to start again');
  assert.equal(running(), 0);
  rmSync(record, { recursive: true });
  await eventually(() => running() > 0, 'it runs again');
  assert.equal(running(), 1);
});
