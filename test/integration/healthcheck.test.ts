import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { becomes, healthOf, resultsOf } from '../support/health.ts';
import { busyboxImage } from '../support/images.ts';
import { eventually, tspodWithBusybox, tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none', '--name', 'c'];
const often = ['--health-interval', '100ms'];
const asleep = ['busybox', 'sleep', '1000'];

const events = (tspod: Tspod, status: string) =>
  tspod.ok('events', '--stream=false', '--filter', `event=${status}`, '--format', '{{.HealthStatus}}');

test('a check turns a container unhealthy and healthy again, with one event for each change', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const command = 'echo checked; echo really >&2; test -f /ok';
  await tspod.ok(...detached, '--health-cmd', command, ...often, '--health-retries', '2', ...asleep);
  await becomes(tspod, 'unhealthy');
  assert.match(
    await tspod.ok('ps', '--filter', 'health=unhealthy', '--format', '{{.Status}}'),
    /^Up .* \(unhealthy\)$/,
  );
  const [first] = await resultsOf(tspod);
  assert.deepEqual([first?.ExitCode, first?.Output], [1, 'checked\nreally\n']);
  await eventually(async () => (await resultsOf(tspod)).length === 5, 'five results');
  await tspod.ok('exec', 'c', 'touch', '/ok');
  await becomes(tspod, 'healthy');
  await eventually(async () => (await resultsOf(tspod)).every(({ ExitCode }) => ExitCode === 0), 'the last five');
  assert.equal((await resultsOf(tspod)).length, 5, 'no more than five are kept');
  assert.equal(await events(tspod, 'health_status'), 'unhealthy\nhealthy');
});

test('healthcheck run runs it now, and says how it ended with its exit status', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--health-cmd', 'test -f /ok', '--health-interval', 'disable', ...asleep);
  assert.equal(await healthOf(tspod), 'starting');
  const failed = await tspod('healthcheck', 'run', 'c');
  assert.deepEqual([failed.exitCode, failed.stdout], [1, 'unhealthy']);
  await tspod.ok('exec', 'c', 'touch', '/ok');
  assert.equal(await tspod.ok('healthcheck', 'run', 'c'), '');
  assert.equal(await healthOf(tspod), 'healthy');
  await tspod.ok('stop', '--time', '0', 'c');
  assert.equal((await tspod('healthcheck', 'run', 'c')).exitCode, 125);
  await tspod.ok('run', '-d', '--network', 'none', '--name', 'none', ...asleep);
  assert.match((await tspod('healthcheck', 'run', 'none')).stderr, /"none" has no defined healthcheck/);
});

test('a check that takes too long is killed with everybody it has started', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const command = 'sleep 2001 & (setsid sleep 2002 &); sleep 2003';
  await tspod.ok(
    ...detached,
    '--health-cmd',
    command,
    '--health-interval',
    'disable',
    '--health-timeout',
    '1s',
    ...asleep,
  );
  assert.equal((await tspod('healthcheck', 'run', 'c')).exitCode, 1);
  assert.equal((await resultsOf(tspod))[0]?.ExitCode, -1);
  await eventually(async () => !/sleep 200/.test(await tspod.ok('exec', 'c', 'ps')), 'none of them is left');
});

test('the command of a check that is not there has failed with 127', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--health-cmd', '["no-such", "program"]', ...often, ...asleep);
  await becomes(tspod, 'unhealthy');
  assert.deepEqual((await resultsOf(tspod))[0]?.ExitCode, 127);
});

test('a startup check comes first', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const startup = ['--health-startup-cmd', 'test -f /up', '--health-startup-interval', '100ms'];
  await tspod.ok(...detached, '--health-cmd', 'echo regular', ...often, ...startup, ...asleep);
  await eventually(async () => (await resultsOf(tspod)).length === 5, 'it has been tried');
  assert.equal(await healthOf(tspod), 'starting');
  await tspod.ok('exec', 'c', 'touch', '/up');
  await becomes(tspod, 'healthy');
  assert.equal((await resultsOf(tspod)).at(-1)?.Output, 'regular\n');
});

test("an image's HEALTHCHECK is used, and --no-healthcheck switches it off", async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const Healthcheck = { Test: ['CMD', 'true'], Interval: 100e6, Retries: 7 };
  await tspod.load(busyboxImage({ Healthcheck }), 'localhost/busybox:latest');
  await tspod.ok(...detached, ...asleep);
  await becomes(tspod, 'healthy');
  assert.equal(
    await tspod.ok('inspect', '--format', '{{json .Config.Healthcheck}}', 'c'),
    '{"Test":["CMD","true"],"Interval":100000000,"Timeout":30000000000,"Retries":7}',
  );
  await tspod.ok('run', '-d', '--network', 'none', '--name', 'off', '--no-healthcheck', ...asleep);
  assert.equal(await tspod.ok('ps', '--filter', 'health=none', '--format', '{{.Names}}'), 'off');
  const show = (name: string) => tspod.ok('inspect', '--format', '{{with .Config.Healthcheck}}{{.Test}}{{end}}', name);
  assert.equal(await show('off'), '[NONE]');
  await tspod.ok('update', '--health-cmd', 'true', 'off');
  assert.equal(await show('off'), '[CMD-SHELL true]');
  await tspod.ok('update', '--no-healthcheck', 'off');
  await tspod.ok('update', '--restart', 'always', 'off');
  assert.equal(await show('off'), '[NONE]');
});

test('a container that ends is not made unhealthy by its end', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const command = 'touch /began; sleep 1000';
  const script = 'until test -f /began; do :; done';
  await tspod.ok(...detached, '--health-cmd', command, '--health-retries', '1', 'busybox', 'sh', '-c', script);
  await tspod.ok('wait', 'c');
  assert.equal(await events(tspod, 'health_status'), '');
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.ExitCode}}'), '0');
});

test('the monitor stays small while it checks', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--health-cmd', 'true', ...often, ...asleep);
  await eventually(async () => (await resultsOf(tspod)).length === 5, 'five checks');
  const monitor = await tspod.ok('inspect', '--format', '{{.State.ConmonPid}}', 'c');
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${monitor}/status`, 'utf8')) ?? [];
  assert.ok(Number(kib) > 0 && Number(kib) <= 1024, `${kib ?? '?'} KiB`);
});

for (const [flags, sentence] of [
  [['--health-cmd', 'true', '--no-healthcheck'], '--no-healthcheck and --health-cmd exclude each other'],
  [['--health-cmd', 'true', '--health-interval', 'often'], '"often"'],
  [['--health-cmd', 'true', '--health-timeout', '10ms'], '"10ms" for "--health-timeout"'],
  [['--health-cmd', 'true', '--health-retries', '0'], '"0" for "--health-retries"'],
  [['--health-cmd', 'true', '--health-on-failure', 'cry'], '"cry" for "--health-on-failure"'],
  [['--health-cmd', 'true', '--health-max-log-count', '-1'], '"-1" for "--health-max-log-count"'],
  [['--health-cmd', 'true', '--health-log-destination', '/no/such'], '"/no/such" is not a directory'],
  [['--health-startup-cmd', 'true'], '--health-startup-cmd needs a regular health check'],
] as const) {
  test(`${flags.join(' ')} is refused`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { exitCode, stderr } = await tspod('create', ...flags, 'busybox');
    assert.equal(exitCode, 125);
    assert.ok(stderr.includes(sentence), stderr);
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  });
}
