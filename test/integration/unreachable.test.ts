import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

test('without its runtime directory a container is seen and stopped, and what needs its monitor says so', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'while :; do echo x; sleep 0.1; done';
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', script);
  const waiting = tspod('wait', 'c');
  rmSync(tspod.runtime, { recursive: true });

  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}}', 'c'), 'running');
  for (const words of [
    ['exec', 'c', 'true'],
    ['attach', 'c'],
    ['kill', 'c'],
  ]) {
    const { stderr, exitCode } = await tspod(...words);
    assert.match(
      stderr,
      /^Error: the container "c" cannot be reached: ".*" is gone, [^\n]*\n {2}Start it anew: tspod restart c/,
    );
    assert.equal(exitCode, 125);
  }
  const follower = tspod.start('logs', '--follow', '--tail', '0', 'c');
  const followed = once(follower, 'exit');
  await once(follower.stdout, 'data');
  const later = tspod('wait', 'c');
  await tspod.ok('stop', '--time', '0', 'c');
  await followed;
  assert.deepEqual([(await waiting).exitCode, (await later).exitCode], [0, 0]);
  await tspod.ok('start', 'c');
  assert.equal(await tspod.ok('exec', 'c', 'echo', 'reached'), 'reached');
});

test('a monitor that is stopped keeps nobody waiting, and goes with its container by force', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const check = ['--health-cmd', 'true', '--health-interval', 'disable'];
  await tspod.ok('run', '-d', '--name', 'c', ...check, '--network', 'none', 'busybox', 'sleep', '1000');
  const pid = Number(await tspod.ok('inspect', '--format', '{{.State.ConmonPid}}', 'c'));
  process.kill(pid, 'SIGSTOP');
  await eventually(() => readFileSync(`/proc/${String(pid)}/stat`, 'utf8').includes(') T '), 'the monitor is stopped');
  for (const words of [
    ['exec', 'c', 'true'],
    ['attach', 'c'],
    ['kill', 'c'],
    ['stop', 'c'],
    ['restart', 'c'],
    ['healthcheck', 'run', 'c'],
    ['update', '--restart', 'always', 'c'],
  ]) {
    const { stderr, exitCode } = await tspod(...words);
    const message = `Error: the container "c" cannot be reached: its monitor, the process ${String(pid)}, is stopped\n  Let it go on: kill -CONT ${String(pid)}`;
    assert.deepEqual([stderr, exitCode], [message, 125], words.join(' '));
  }
  process.kill(pid, 'SIGCONT');
  assert.equal(await tspod.ok('exec', 'c', 'echo', 'reached'), 'reached');
  assert.equal(await tspod.ok('inspect', '--format', '{{.HostConfig.RestartPolicy.Name}}', 'c'), '');
  process.kill(pid, 'SIGSTOP');
  await tspod.ok('rm', '--force', 'c');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('a container is stopped, entered and removed from a session with another runtime directory', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'trap "echo bye; exit 7" TERM; while :; do sleep 0.05; done';
  const [here, there] = ['run', 'other'].map((name) => ({ ...tspod.env, XDG_RUNTIME_DIR: join(tspod.folder, name) }));
  mkdirSync(there?.XDG_RUNTIME_DIR ?? '', { mode: 0o700 });
  const as = (env: NodeJS.ProcessEnv | undefined, ...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(tspod.program, args, { env, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };
  const leftBy = (env: typeof there) => readdirSync(join(env?.XDG_RUNTIME_DIR ?? '', 'tspod/containers'));
  as(here, 'run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', script);
  assert.equal(as(there, 'exec', 'c', 'echo', 'works'), 'works');
  as(there, 'stop', 'c');
  assert.equal(as(there, 'ps', '--all', '--format', '{{.State}} {{.ExitCode}}'), 'exited 7');
  assert.equal(as(there, 'logs', 'c'), 'bye');
  as(there, 'start', 'c'); // Now it lives in the other one.
  assert.deepEqual(leftBy(here), []);
  assert.equal(as(here, 'exec', 'c', 'echo', 'works'), 'works');
  as(here, 'rm', '--force', '--time', '0', 'c');
  assert.deepEqual([leftBy(here), leftBy(there)], [[], []]);
});
