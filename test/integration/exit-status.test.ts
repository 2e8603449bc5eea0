import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none', 'busybox'];

test('run exits as the command does, and 128 + N when a signal ends it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal((await tspod(...run, 'true')).exitCode, 0);
  assert.equal((await tspod(...run, 'sh', '-c', 'exit 42')).exitCode, 42);
  assert.equal((await tspod(...run, 'sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?')).exitCode, 137);
});

test('kill ends a container with the signal, and wait, ps and inspect tell it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'victim', '--network', 'none', 'busybox', 'sleep', '1000');
  await tspod.ok('kill', 'victim');
  assert.equal(await tspod.ok('wait', 'victim'), '137');
  assert.match(await tspod.ok('ps', '--all'), /Exited \(137\)/);
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.ExitCode}} {{.State.Status}}', 'victim'), '137 exited');
});

test('exec exits as its command does; 126 and 127 as a shell', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'host', '--network', 'none', 'busybox', 'sleep', '1000');
  assert.equal((await tspod('exec', 'host', 'sh', '-c', 'exit 7')).exitCode, 7);
  assert.equal((await tspod('exec', 'host', 'no-such-command')).exitCode, 127);
  assert.equal((await tspod('exec', 'host', '/etc/passwd')).exitCode, 126);
  assert.equal((await tspod('exec', 'host', 'sh', '-c', 'kill -9 $$')).exitCode, 137);
});

test('a signal to run reaches the container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const child = tspod.start(
    ...run,
    'sh',
    '-c',
    'trap "echo caught; exit 9" TERM; echo ready; while :; do sleep 0.1; done',
  );
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  await eventually(() => said.includes('ready'), 'the container is ready');
  const exit = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  assert.equal(await exit, 9);
  assert.match(said, /caught/);
});
