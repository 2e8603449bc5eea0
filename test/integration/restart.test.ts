import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { descriptorsOf, monitorOf, ticksOf } from '../support/monitor.ts';
import { findProcesses } from '../support/processes.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

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
  const running = () => findProcesses((commandLine) => commandLine === ['sleep', '7304100', ''].join('\0')).length;
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

test('a restart that always fails is tried ever more rarely, and costs nothing in between', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'holder', 'busybox', 'sleep', '1000');
  const member = [...detached, '--restart', 'always', '--pid', 'container:holder', 'busybox', 'sleep', '1000'];
  const monitor = monitorOf(tspod, await tspod.ok(...member));
  const before = ticksOf(monitor);
  await tspod.ok('stop', '--time', '0', 'holder');
  await eventually(async () => (await restartsOf(tspod)).length >= 2, 'it has tried to start again');
  const open = descriptorsOf(monitor);
  const restarts = await eventually(async () => {
    const seen = await restartsOf(tspod);
    return seen.length >= 6 && seen;
  }, 'it has tried six times');
  assert.ok((restarts[5] ?? 0) - (restarts[4] ?? 0) >= 1600, `restarts at ${restarts.join()} ms`);
  assert.equal(descriptorsOf(monitor), open);
  assert.ok(ticksOf(monitor) - before < 30, `${String(ticksOf(monitor) - before)} ticks`);
});

test('a restart that the limit of open files forbids comes when it allows it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, '--restart', 'always', 'busybox', 'sleep', '1000');
  const monitor = monitorOf(tspod, id);
  const limit = (most: number) => execFileSync('prlimit', ['--pid', String(monitor), `--nofile=${String(most)}:`]);
  const running = () => tspod.ok('inspect', '--format', '{{.State.Running}}', id);
  const open = descriptorsOf(monitor);
  const pid = Number(await tspod.ok('inspect', '--format', '{{.State.Pid}}', id));
  limit(0);
  process.kill(pid, 'SIGKILL');
  for (const most of [open - 2, open, open + 2]) {
    const tried = (await restartsOf(tspod)).length;
    limit(most);
    await eventually(async () => (await restartsOf(tspod)).length > tried, 'it has tried to start again');
  }
  limit(1024);
  await eventually(async () => (await running()) === 'true', 'it runs again');
  await eventually(() => descriptorsOf(monitor) === open, 'no descriptor is left over');
});

/** When it was started again, in milliseconds. */
async function restartsOf(tspod: Tspod): Promise<number[]> {
  const text = await tspod.ok('events', '--stream=false', '--filter', 'event=restart', '--format', 'json');
  const lines = text === '' ? [] : text.split('\n');
  return lines.map((line) => Date.parse((JSON.parse(line) as { Time: string }).Time));
}
