import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxImage } from '../support/images.ts';
import { eventually, tspodWithBusybox, tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none', '--name', 'c'];
const often = ['--health-interval', '100ms'];
const asleep = ['busybox', 'sleep', '1000'];

const healthOf = (tspod: Tspod) => tspod.ok('inspect', '--format', '{{.State.Health.Status}}', 'c');
const becomes = (tspod: Tspod, status: string) =>
  eventually(async () => (await healthOf(tspod)) === status, `the container is ${status}`);
const events = (tspod: Tspod, status: string) =>
  tspod.ok('events', '--stream=false', '--filter', `event=${status}`, '--format', '{{.HealthStatus}}');

interface Result {
  readonly ExitCode: number;
  readonly Output: string;
}

async function resultsOf(tspod: Tspod): Promise<readonly Result[]> {
  return JSON.parse(await tspod.ok('inspect', '--format', '{{json .State.Health.Log}}', 'c')) as readonly Result[];
}

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

test('much output is cut, and binary output does no harm', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const command = 'head -c 300000 /dev/urandom; printf "\\"end\\"" >&2';
  await tspod.ok(...detached, '--health-cmd', command, ...often, ...asleep);
  await becomes(tspod, 'healthy');
  const [result] = await resultsOf(tspod);
  assert.ok(Buffer.byteLength(result?.Output ?? '', 'latin1') <= 500);
});

test('--health-max-log-count and --health-max-log-size say how much is kept', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const log = ['--health-max-log-count', '7', '--health-max-log-size', '2000', '--health-log-destination', 'local'];
  const command = 'head -c 3000 /dev/zero | tr "\\0" "\\1"';
  await tspod.ok(...detached, '--health-cmd', command, ...often, ...log, ...asleep);
  await eventually(async () => (await resultsOf(tspod)).length === 7, 'seven results');
  await tspod.ok('healthcheck', 'run', 'c');
  const results = await resultsOf(tspod);
  assert.equal(results.length, 7);
  assert.equal(results[0]?.Output, '\x01'.repeat(2000));
  const format = '{{.Config.HealthLogDestination}} {{.Config.HealthMaxLogCount}} {{.Config.HealthMaxLogSize}}';
  assert.equal(await tspod.ok('inspect', '--format', format, 'c'), 'local 7 2000');
});

test('--health-log-destination gives a directory the results, too', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const command = ['--health-cmd', 'echo "it is well"', '--health-max-log-count', '2'];
  const id = await tspod.ok(...detached, ...command, ...often, '--health-log-destination', '.', ...asleep);
  const file = join(tspod.folder, `${id}-healthcheck.log`);
  const read = () =>
    JSON.parse(readFileSync(file, 'utf8')) as { Status: string; FailingStreak: number; Log: unknown[] };
  const seen = await eventually(() => existsSync(file) && read().Log.length === 2 && read(), 'two results');
  assert.deepEqual([seen.Status, seen.FailingStreak], ['healthy', 0]);
  const [{ Start, ExitCode, Output }] = seen.Log as [{ Start: string; ExitCode: number; Output: string }];
  assert.match(Start, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual([ExitCode, Output], [0, 'it is well\n']);
  const destination = await tspod.ok('inspect', '--format', '{{.Config.HealthLogDestination}}', 'c');
  assert.equal(destination, tspod.folder);
});

test('--health-log-destination events_logger makes each result an event', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const log = ['--health-log-destination', 'events_logger'];
  await tspod.ok(...detached, '--health-cmd', 'echo well', '--health-interval', 'disable', ...log, ...asleep);
  for (let check = 0; check < 2; check++) await tspod.ok('healthcheck', 'run', 'c');
  await tspod.ok('update', '--health-cmd', 'echo ill; false', '--health-log-destination', 'local', 'c');
  await tspod('healthcheck', 'run', 'c');
  const events = ['events', '--stream=false', '--filter', 'event=health_status'];
  assert.equal(
    await tspod.ok(...events, '--format', '{{.HealthStatus}} {{.HealthLog}}'),
    'healthy well\n\nhealthy well',
  );
});

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
