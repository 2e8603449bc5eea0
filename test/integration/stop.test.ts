import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];
/** Longer than any test may take. */
const patient = ['--stop-timeout', '100000'];

const exitCodeOf = (tspod: Tspod, name: string) => tspod.ok('inspect', '--format', '{{.State.ExitCode}}', name);

test('a process that would never notice its stop signal is killed at once', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const [name, script] of [
    ['default', 'sleep 1000'],
    ['busy', 'while :; do :; done'],
    ['ignoring', 'trap "" TERM; while :; do sleep 1; done'],
  ] as const) {
    await tspod.ok(...detached, ...patient, '--name', name, 'busybox', 'sh', '-c', script);
    await tspod.ok('stop', name);
    assert.equal(await exitCodeOf(tspod, name), '137', name);
  }
});

test('one that does is waited for, with a stop signal of its own, too', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'trap "sleep 0.3; exit 7" USR1; echo ready; while :; do sleep 0.1; done';
  await tspod.ok(...detached, ...patient, '--name', 'c', '--stop-signal', 'USR1', 'busybox', 'sh', '-c', script);
  await eventually(async () => (await tspod.ok('logs', 'c')) === 'ready', 'it has its handler');
  await tspod.ok('stop', 'c');
  assert.equal(await exitCodeOf(tspod, 'c'), '7');
});

test('below --init the command itself gets the signal', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, ...patient, '--init', '--name', 'c', 'busybox', 'sleep', '1000');
  await tspod.ok('stop', 'c');
  assert.equal(await exitCodeOf(tspod, 'c'), '143');
});

test('after a boot those are started that should be', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const asleep = ['busybox', 'sleep', '1000'];
  for (const policy of ['no', 'on-failure', 'always', 'unless-stopped']) {
    await tspod.ok('create', '--network', 'none', '--name', policy, '--restart', policy, ...asleep);
  }
  await tspod.ok(...detached, '--name', 'stopped', '--restart', 'unless-stopped', ...asleep);
  await tspod.ok('stop', 'stopped');
  await tspod.ok('start', '--all', '--filter', 'should-start-on-boot=true');
  const running = await tspod.ok('ps', '--format', '{{.Names}}');
  assert.deepEqual(running.split('\n').sort(), ['always', 'unless-stopped']);
});

test('inspect tells whether stop or kill ended a container, or it ended itself', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const stoppedByUser = async () => await tspod.ok('inspect', '--format', '{{.State.StoppedByUser}}', 'c');
  await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox', 'sleep', '1000');
  assert.equal(await stoppedByUser(), 'false');
  for (const end of ['stop', 'kill']) {
    await tspod.ok('start', 'c');
    assert.equal(await stoppedByUser(), 'false');
    await tspod.ok(end, 'c');
    await tspod.ok('wait', 'c');
    assert.equal(await stoppedByUser(), 'true', end);
  }
  await tspod.ok('run', '--name', 'd', '--network', 'none', 'busybox', 'true');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.StoppedByUser}}', 'd'), 'false');
});

test('stop --time 0 kills without asking', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done';
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', script);
  await eventually(async () => (await tspod.ok('logs', 'c')) === 'ready', 'it waits for the signal');
  await tspod.ok('stop', '--time', '0', 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.ExitCode}}', 'c'), '137');
});

test('stop sends the stop signal and kills after the timeout', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const trap = 'trap "exit 3" USR1; echo ready; while :; do sleep 0.1; done';
  await tspod.ok(...detached, '--name', 'polite', '--stop-signal', 'USR1', 'busybox', 'sh', '-c', trap);
  await eventually(async () => (await tspod.ok('logs', 'polite')) === 'ready', 'the trap is set');
  await tspod.ok('stop', 'polite');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.ExitCode}}', 'polite'), '3');

  await tspod.ok(
    ...detached,
    '--name',
    'deaf',
    '--stop-timeout',
    '1',
    'busybox',
    'sh',
    '-c',
    'trap "" TERM; while :; do sleep 0.1; done',
  );
  await tspod.ok('stop', 'deaf');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.ExitCode}}', 'deaf'), '137');
});
