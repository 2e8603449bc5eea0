import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none', '--name', 'c'];

test('update --restart counts for a container that runs', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, 'busybox', 'sh', '-c', 'until [ -e /end ]; do sleep 0.05; done; rm /end; exit 3');
  await tspod.ok('update', '--restart', 'on-failure:1', 'c');
  await tspod.ok('exec', 'c', 'touch', '/end');
  await eventually(
    async () => (await tspod.ok('inspect', '--format', '{{.RestartCount}}', 'c')) === '1',
    'the container is restarted',
  );
  assert.equal(await tspod.ok('inspect', '--format', '{{.HostConfig.RestartPolicy.Name}}', 'c'), 'on-failure');
});

test('update --restart of a container that is removed after its exit is refused', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--rm', 'busybox', 'sleep', '1000');
  const { exitCode, stderr } = await tspod('update', '--restart', 'always', 'c');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"c" is removed after its exit/);
});

test('update --restart on-failure lets a container of --rm start again before it is removed', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const command = ['sh', '-c', 'echo run >> /v/runs; until [ -e /v/end ]; do sleep 0.05; done; rm /v/end; exit 3'];
  await tspod.ok(...detached, '--rm', '-v', 'v:/v', 'busybox', ...command);
  await tspod.ok('update', '--restart', 'on-failure:1', 'c');
  for (const runs of ['run', 'run\nrun']) {
    await eventually(async () => (await tspod.ok('exec', 'c', 'cat', '/v/runs')) === runs, 'it runs');
    await tspod.ok('exec', 'c', 'touch', '/v/end');
    if (runs === 'run')
      await eventually(
        async () => (await tspod.ok('inspect', '--format', '{{.RestartCount}}', 'c')) === '1',
        'it is restarted',
      );
  }
  await eventually(async () => (await tspod.ok('ps', '--all', '--quiet')) === '', 'it is removed');
});

test('update changes the health check of a running container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, 'busybox', 'sleep', '1000');
  const refused = await tspod('update', '--health-interval', '1s', 'c');
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /the container "c" has no health check to be changed/);
  const status = (wanted: string) =>
    eventually(async () => (await tspod.ok('ps', '--format', '{{.Status}}')).endsWith(wanted), `${wanted} in ps`);
  await tspod.ok(
    'update',
    '--health-cmd',
    'test ! -f /ill',
    '--health-interval',
    '100ms',
    '--health-retries',
    '1',
    'c',
  );
  await status('(healthy)');
  await tspod.ok('rename', 'c', 'd');
  await tspod.ok('exec', 'd', 'touch', '/ill');
  await status('(unhealthy)');
  await tspod.ok('update', '--health-cmd', 'echo fine', 'd');
  await status('(healthy)');
  const check = '{{.Config.Healthcheck.Test}} {{.Config.Healthcheck.Retries}}';
  assert.equal(await tspod.ok('inspect', '--format', check, 'd'), '[CMD-SHELL echo fine] 1');
  await tspod.ok('update', '--no-healthcheck', 'd');
  assert.doesNotMatch(await tspod.ok('ps', '--format', '{{.Status}}'), /health/);
  assert.match((await tspod('healthcheck', 'run', 'd')).stderr, /has no defined healthcheck/);
});

test('update changes variables for the next start', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--env', 'A=1', '--env', 'B=1', 'busybox', 'sleep', '1000');
  await tspod.ok('update', '--env', 'A=2', '-e', 'C=3', '--unsetenv', 'B', 'c');
  const seen = async () => (await tspod.ok('exec', 'c', 'sh', '-c', 'xargs -0 -n1 < /proc/1/environ')).split('\n');
  const own = (lines: string[]) => lines.filter((line) => /^[ABC]=/.test(line)).sort();
  assert.deepEqual(own(await seen()), ['A=1', 'B=1']);
  await tspod.ok('restart', '--time', '0', 'c');
  assert.deepEqual(own(await seen()), ['A=2', 'C=3']);
  const { exitCode, stderr } = await tspod('update', '--env', '=x', 'c');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"=x" is not an environment variable/);
});

test('an update that the monitor cannot hear of is recorded, and is said not to be in force', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, 'busybox', 'sleep', '1000');
  rmSync(join(tspod.runtime, 'containers', id), { recursive: true });
  const { exitCode, stdout, stderr } = await tspod('update', '--restart', 'always', 'c');
  assert.deepEqual([exitCode, stdout], [125, '']);
  assert.match(
    stderr,
    /^Error: the changes of the container "c" are recorded for its next start, but not in force: ".*" is gone.*\n.*tspod restart c/,
  );
  assert.equal(await tspod.ok('inspect', '--format', '{{.HostConfig.RestartPolicy.Name}}', 'c'), 'always');
  assert.equal(await tspod.ok('update', '--env', 'A=1', 'c'), id, 'which counts from the next start on anyway');
  await tspod.ok('stop', '--time', '0', 'c');
  assert.equal(await tspod.ok('update', '--restart', 'no', 'c'), id, 'nothing runs that has to hear of it');
});
