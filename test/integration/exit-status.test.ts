import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { assertRefused } from '../support/refused.ts';
import { eventually, tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

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

test('a command that does not exist is 127, one that is not executable 126', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await assertRefused(tspod, [...run, 'no-such-command'], /"no-such-command"/, 127);
  await assertRefused(tspod, [...run, '/etc/passwd'], /"\/etc\/passwd"/, 126);
  await assertRefused(tspod, [...run, '/etc'], /"\/etc"/, 126);
});

test('start and restart, which wait for no command, end with 125 where it does not exist; start --attach with 127', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox', 'no-such-command');
  for (const words of [['start'], ['restart'], ['start', '--all']]) {
    const { exitCode, stderr } = await tspod(...words, ...(words.length === 1 ? ['c'] : []));
    assert.match(stderr, /"no-such-command"/);
    assert.equal(exitCode, 125, words.join(' '));
  }
  assert.equal((await tspod('start', '--attach', 'c')).exitCode, 127);
});

test('a working directory that does not exist is 126, as in Podman', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await assertRefused(
    tspod,
    ['run', '--rm', '--network', 'none', '-w', '/no/such/place', 'busybox', 'true'],
    /"\/no\/such\/place"/,
    126,
  );
});

test('a relative working directory is 126, as in Podman, and names the one below /', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const sentence =
    /^Error: invalid argument "tmp" for "-w, --workdir" flag: it is not an absolute path\n {2}Write it out: --workdir \/tmp$/m;
  await assertRefused(tspod, ['run', '--rm', '-w', 'tmp', 'busybox', 'true'], sentence, 126);
  await assertRefused(tspod, ['create', '-w', 'tmp', 'busybox', 'true'], sentence, 126);
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sleep', '1000');
  const { exitCode, stderr } = await tspod('exec', '-w', 'tmp', 'c', 'pwd');
  assert.match(stderr, sentence);
  assert.equal(exitCode, 126);
});

for (const [where, redirection] of [
  ['a full disk', '2>/dev/full'],
  ['a pipe that nobody reads', '2>&1 | true; exit "${PIPESTATUS[0]}"'],
] as const) {
  test(`an error that cannot be told, with ${where} behind standard error, has its exit status`, async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    const script = `(sleep 0.2; exec "$0" inspect no-such-thing) ${redirection}`;
    const child = spawn('bash', ['-c', script, tspod.program], { env: tspod.env, stdio: 'ignore', timeout: 60_000 });
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 125);
  });
}
