import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdLock } from '../support/held-lock.ts';
import { missing } from '../support/missing.ts';
import { descriptorsOf, monitorOf, ticksOf } from '../support/monitor.ts';
import { findProcesses } from '../support/processes.ts';
import { eventually, finish, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

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

test('--rm --restart on-failure starts again what fails, and removes it in the end', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const volume = ['-v', 'v:/v', '-v', '/anonymous'];
  const untilThird = ['sh', '-c', 'echo run >> /v/runs; test $(wc -l < /v/runs) -eq 3'];
  await tspod.ok(...detached, '--rm', '--restart', 'on-failure', '--name', 'good', ...volume, 'busybox', ...untilThird);
  await eventually(async () => (await tspod('container', 'exists', 'good')).exitCode === 1, 'it is removed');
  const runs = () => tspod.ok('run', '--rm', '--network', 'none', '-v', 'v:/v', 'busybox', 'cat', '/v/runs');
  assert.equal(await runs(), 'run\nrun\nrun');
  const failing = ['sh', '-c', 'echo run >> /v/runs; exit 5'];
  await tspod.ok(...detached, '--rm', '--restart', 'on-failure:1', '--name', 'bad', ...volume, 'busybox', ...failing);
  await eventually(async () => (await tspod('container', 'exists', 'bad')).exitCode === 1, 'it is removed, too');
  assert.equal(await runs(), 'run\nrun\nrun\nrun\nrun');
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), 'v');
});

test('a container of --rm --restart on-failure that waits for its restart is there, and goes when it is stopped', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--rm', '--restart', 'on-failure', '--name', 'c', 'busybox', 'false');
  await eventually(
    async () => (await tspod.ok('ps', '--all', '--format', '{{.Status}} {{.Restarts}}')).startsWith('Restarting'),
    'it waits',
  );
  await tspod.ok('stop', 'c');
  await eventually(async () => (await tspod.ok('ps', '--all', '--quiet')) === '', 'it is removed');
});

for (const driver of ['overlay', 'fuse-overlayfs', 'vfs'] as const) {
  const skip = driver === 'overlay' ? missing('overlay') : driver === 'vfs' ? false : missing('fuse');

  test(
    `restart of a --rm container keeps it and its anonymous volume; its end takes both: ${driver}`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t, { env: { TSPOD_STORAGE_DRIVER: driver } });
      const id = await tspod.ok(...detached, '--rm', '--name', 'c', '-v', '/data', 'busybox', 'sleep', '1000');
      await tspod.ok('exec', 'c', 'touch', '/data/file', '/file');
      for (const options of [['c'], ['--all'], ['--running']]) await tspod.ok('restart', '--time', '0', ...options);
      await tspod.ok('exec', 'c', 'ls', '/data/file', '/file');
      assert.equal(await tspod.ok('ps', '--quiet', '--no-trunc'), id);
      await tspod.ok('stop', '--time', '0', 'c');
      await eventually(async () => (await tspod('container', 'exists', 'c')).exitCode === 1, 'it is removed');
      assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), []);
    },
  );
}

for (const isKilled of [false, true]) {
  test(`a --rm container between the two halves of a restart is nobody else's${isKilled ? ', until that is killed' : ''}`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const script = 'trap "echo asked" TERM; while :; do sleep 0.1; done';
    const id = await tspod.ok(...detached, '--rm', '--name', 'c', '-v', '/data', 'busybox', 'sh', '-c', script);
    const restart = tspod.start('restart', '--time', '1000', 'c');
    const end = finish(restart);
    await eventually(async () => (await tspod.ok('logs', 'c')) === 'asked', 'it is asked to end');
    const lock = await holdLock(join(tspod.store, 'containers', id));
    await tspod.ok('kill', 'c');
    await eventually(async () => (await tspod.ok('ps', '--all', '--format', '{{.State}}')) === 'exited', 'its end');
    await lock.untilReachedBy(restart);
    assert.equal(await tspod.ok('ps', '--all', '--format', '{{.State}}'), 'exited');
    if (isKilled) restart.kill('SIGKILL');
    await lock.release();
    assert.equal((await end).exitCode, isKilled ? 128 + 9 : 0);
    assert.equal(await tspod.ok('ps', '--all', '--format', '{{.State}}'), isKilled ? '' : 'running');
    assert.equal(readdirSync(join(tspod.store, 'volumes')).length, isKilled ? 0 : 1);
  });
}

test('--rm with --restart always or unless-stopped is refused, and nothing is made', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const policy of ['always', 'unless-stopped']) {
    const { exitCode, stderr } = await tspod('run', '--rm', '--restart', policy, 'busybox', 'true');
    assert.equal(exitCode, 125);
    assert.match(stderr, new RegExp(`--rm and --restart=${policy} exclude each other`));
  }
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
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

test('a container whose restart cannot be recorded can be stopped, started and removed', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, '--name', 'c', '--restart', 'always', 'busybox', 'sleep', '1000');
  const status = () => tspod.ok('inspect', '--format', '{{.State.Status}}', 'c');
  const staged = join(tspod.store, 'containers', id, '.init.json.new');
  const failToRestart = async () => {
    const before = (await restartsOf(tspod)).length;
    mkdirSync(staged);
    process.kill(Number(await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c')), 'SIGKILL');
    await eventually(async () => (await restartsOf(tspod)).length >= before + 4, 'it has tried to start again');
  };
  await failToRestart();
  assert.equal(await status(), 'restarting');
  await tspod.ok('stop', 'c');
  assert.equal(await status(), 'exited');
  rmSync(staged, { recursive: true });
  await tspod.ok('start', 'c');
  assert.equal(await status(), 'running');
  await failToRestart();
  assert.equal((await tspod('rm', 'c')).exitCode, 2);
  await tspod.ok('rm', '--force', 'c'); // That no process is left is what the end of every test sees.
});

test('rm --force ends a monitor that goes on although the records say that its container has ended', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, '--name', 'c', '--restart', 'always', 'busybox', 'false');
  await eventually(async () => (await restartsOf(tspod)).length >= 5, 'it waits for a while by now');
  rmSync(join(tspod.store, 'containers', id, 'init.json'));
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.State}}'), 'exited');
  await tspod.ok('rm', '--force', 'c');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
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

test('a container that waits for its next start is not taken for one that has ended, whatever its config says', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, '--name', 'c', '--restart', 'always', 'busybox', 'false');
  await eventually(async () => (await restartsOf(tspod)).length >= 4, 'it waits for a while by now');
  const directory = join(tspod.runtime, 'containers', id);
  renameSync(directory, `${directory}-`); // As after a logout: nobody tells the monitor.
  const { stderr, exitCode } = await tspod('update', '--restart', 'no', 'c');
  assert.match(stderr, /^Error: the changes of the container "c" are recorded for its next start, but not in force: /);
  assert.equal(exitCode, 125);
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}} {{.State}}'), 'c restarting');
  assert.equal((await tspod('rm', 'c')).exitCode, 2);
  await tspod.ok('rm', '--force', '--time', '0', 'c'); // That no process is left is what the end of every test sees.
  rmSync(`${directory}-`, { recursive: true });
});

test('a container that is stopped while it waits for its next start was stopped by its user', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'c', '--restart', 'unless-stopped', 'busybox', 'false');
  await eventually(async () => (await restartsOf(tspod)).length >= 4, 'it waits for a while by now');
  await tspod.ok('stop', 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}}', 'c'), 'exited');
  assert.equal(await tspod.ok('start', '--filter', 'should-start-on-boot=true'), '');
});
