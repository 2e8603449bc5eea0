import assert from 'node:assert/strict';
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
