/** What becomes of an unhealthy container. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none', '--name', 'c'];
const often = ['--health-interval', '100ms'];

test('--health-on-failure kill, stop and restart', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const failing = ['--health-cmd', 'test -f /ok || { touch /ok; false; }', ...often, '--health-retries', '1'];
  const statusOf = (name: string) => tspod.ok('ps', '--all', '--filter', `name=^${name}$`, '--format', '{{.Status}}');
  for (const action of ['kill', 'stop', 'restart']) {
    const flags = ['--name', action, '--stop-timeout', '1', '--health-on-failure', action];
    const script = `trap 'exit 9' TERM; while :; do sleep 0.1; done`;
    await tspod.ok('run', '-d', '--network', 'none', ...flags, ...failing, 'busybox', 'sh', '-c', script);
  }
  await eventually(async () => /^Exited \(137\)/.test(await statusOf('kill')), 'killed');
  await eventually(async () => /^Exited \(9\)/.test(await statusOf('stop')), 'stopped');
  await eventually(async () => /\(healthy\)$/.test(await statusOf('restart')), 'restarted, and well');
  assert.equal(await tspod.ok('logs', 'restart'), '');
  await tspod.ok('stop', 'restart');
  assert.match(await statusOf('restart'), /^Exited \(9\)/);
});

test('a container that is never well is restarted less and less often', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const flags = ['--stop-timeout', '0', '--health-on-failure', 'restart', '--health-retries', '1'];
  await tspod.ok(...detached, ...flags, '--health-cmd', 'false', ...often, 'busybox', 'sleep', '1000');
  const times = async () => {
    const text = await tspod.ok('events', '--stream=false', '--filter', 'event=died', '--format', 'json');
    return text.split('\n').map((line) => (JSON.parse(line || '{}') as { timeNano: number }).timeNano / 1e6);
  };
  const [first = 0, second = 0, third = 0, fourth = 0] = await eventually(
    () => times().then((found) => found.length >= 4 && found),
    'it was restarted three times',
  );
  assert.ok(second - first >= 100, `first wait ${second - first} ms`);
  assert.ok(third - second >= 200, `second wait ${third - second} ms`);
  assert.ok(fourth - third >= 400, `third wait ${fourth - third} ms`);
});

test('a container that must be killed to be restarted has died of that, not of a --timeout', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const flags = ['--stop-timeout', '1', '--health-on-failure', 'restart', '--health-retries', '1'];
  const failing = ['--health-cmd', 'test -f /ok || { touch /ok; false; }', ...often];
  const script = 'trap : TERM; while :; do sleep 0.1; done';
  await tspod.ok(...detached, ...flags, ...failing, 'busybox', 'sh', '-c', script);
  const died = ['events', '--stream=false', '--filter', 'event=died', '--format', '{{.ContainerExitCode}}'];
  assert.equal(await eventually(() => tspod.ok(...died).then((text) => text !== '' && text), 'it has died'), '137');
});

test('a signal that a container survives ends none of its checks, and keeps none from restarting it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const flags = ['--stop-timeout', '0', '--health-on-failure', 'restart', '--health-retries', '1'];
  const script = 'trap "echo survived" INT; echo ready; while :; do sleep 0.1; done';
  await tspod.ok(...detached, ...flags, '--health-cmd', 'test ! -f /ill', ...often, 'busybox', 'sh', '-c', script);
  const says = (text: string) => eventually(async () => (await tspod.ok('logs', 'c')).endsWith(text), `it is ${text}`);
  await says('ready');
  await tspod.ok('kill', '--signal', 'INT', 'c');
  await says('survived');
  assert.equal(await tspod.ok('healthcheck', 'run', 'c'), '');
  await tspod.ok('exec', 'c', 'touch', '/ill');
  const died = ['events', '--stream=false', '--filter', 'event=died', '--format', '{{.ContainerExitCode}}'];
  await eventually(async () => (await tspod.ok(...died)) !== '', 'a check has ended it');
  await says('ready');
});
