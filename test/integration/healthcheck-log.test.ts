/** The results of health checks: how much of them is kept, and where. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { becomes, resultsOf } from '../support/health.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none', '--name', 'c'];
const often = ['--health-interval', '100ms'];
const asleep = ['busybox', 'sleep', '1000'];

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
