import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('wait prints the exit status of each container, one after the other', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'a', 'busybox', 'sh', '-c', 'sleep 0.2; exit 3');
  await tspod.ok(...detached, '--name', 'b', 'busybox', 'sh', '-c', 'exit 4');
  assert.equal(await tspod.ok('wait', 'a', 'b'), '3\n4');
});

test('wait says at once that one of the containers does not exist', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'a', 'busybox', 'sleep', '1000');
  const { stdout, stderr, exitCode } = await tspod('wait', 'a', 'nobody');
  assert.match(stderr, /no container with name or ID "nobody" found/);
  assert.deepEqual([stdout, exitCode], ['', 125]);
});

test('wait --condition waits for what it names, and prints -1 when that is no end', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(
    'create',
    '--network',
    'none',
    '--name',
    'c',
    '--health-cmd',
    'test -f /ok',
    '--health-interval',
    '100ms',
    'busybox',
    'sleep',
    '1000',
  );
  assert.equal(await tspod.ok('wait', '--condition', 'created', 'c'), '-1');
  const running = tspod.ok('wait', '--condition', 'running', '--interval', '20', 'c');
  await tspod.ok('start', 'c');
  assert.equal(await running, '-1');
  const healthy = tspod.ok('wait', '--condition=healthy', '--interval', '20ms', 'c');
  await tspod.ok('exec', 'c', 'touch', '/ok');
  assert.equal(await healthy, '-1');
  const ended = tspod.ok('wait', '--condition', 'unhealthy,exited', 'c');
  const removed = tspod.ok('wait', '--condition', 'removing', 'c');
  await tspod.ok('stop', 'c');
  assert.equal(await ended, '137');
  await tspod.ok('rm', 'c');
  assert.equal(await removed, '-1');
});

test('wait refuses what it cannot wait for', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const args of [
    ['--condition', 'happy'],
    ['--interval', 'often'],
  ]) {
    const { exitCode, stderr } = await tspod('wait', ...args, 'c');
    assert.equal(exitCode, 125);
    assert.ok(stderr.includes(`"${args[1] ?? ''}"`), stderr);
  }
});

test('wait --exit-first-match ends with the first of several containers', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'slow', 'busybox', 'sleep', '1000');
  await tspod.ok(...detached, '--name', 'fast', 'busybox', 'sh', '-c', 'sleep 0.2; exit 7');
  assert.equal(await tspod.ok('wait', '--exit-first-match', '--interval', '20ms', 'slow', 'fast'), '7');
  const running = ['--condition', 'paused', '--condition', 'running', 'fast', 'slow'];
  assert.equal(await tspod.ok('wait', '--return-on-first', ...running), '-1');
  assert.equal(await tspod.ok('wait', '--exit-first-match', '--ignore', 'slow', 'nobody'), '-1');
  const { exitCode, stderr } = await tspod('wait', '--exit-first-match', 'slow', 'nobody');
  assert.equal(exitCode, 125);
  assert.match(stderr, /no container with name or ID "nobody" found/);
});
