/** Logs that are rotated: their size, their followers, and the files beside them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('the log of a talkative container is rotated and stays within its size', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, '--name', 'c', '--log-opt', 'max-size=10k', 'busybox', 'seq', '20000');
  await tspod.ok('wait', 'c');
  const folder = join(tspod.store, 'containers', id);
  const sizes = readdirSync(folder)
    .filter((name) => name.startsWith('ctr.log'))
    .map((name) => statSync(join(folder, name)).size);
  assert.ok(
    sizes.every((size) => size <= 10 * 1024),
    String(sizes),
  );
  assert.match(await tspod.ok('logs', 'c'), /(^|\n)20000$/);
});

test('logs --follow goes over rotations without losing a line', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'echo 0; read go; for i in $(seq 100); do seq $((i*50-49)) $((i*50)); sleep 0.01; done';
  const run = tspod.start(
    ...['run', '-i', '--name', 'c', '--network', 'none', '--log-opt', 'max-size=60k', 'busybox', 'sh', '-c', script],
  );
  run.stdout.resume();
  await eventually(async () => (await tspod('logs', 'c')).stdout === '0', 'the container runs');
  const follower = tspod.start('logs', '--follow', 'c');
  let text = '';
  follower.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await eventually(() => text !== '', 'the follower reads');
  run.stdin.end('go\n');
  await once(follower, 'close');
  const lines = text.trimEnd().split('\n');
  assert.equal(
    lines.findIndex((line, n) => line !== String(n)),
    -1,
  );
  assert.equal(lines.length, 5001);
});

test('logs --follow loses no line of a fast writer whose files are kept', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'read go; seq 30000';
  const run = tspod.start(
    ...['run', '-i', '--name', 'c', '--network', 'none', '--log-opt', 'max-size=20k', '--log-opt', 'max-file=99'],
    ...['busybox', 'sh', '-c', script],
  );
  run.stdout.resume();
  const isRunning = async () => (await tspod('inspect', '--format', '{{.State.Running}}', 'c')).stdout === 'true';
  await eventually(isRunning, 'the container runs');
  const follower = tspod('logs', '--follow', 'c');
  run.stdin.end('go\n');
  const expected = Array.from({ length: 30000 }, (_, n) => String(n + 1)).join('\n');
  const { stdout, stderr } = await follower;
  assert.equal(stderr, '');
  assert.ok(stdout === expected);
  assert.ok((await tspod.ok('logs', 'c')) === expected);
  assert.ok((await tspod.ok('logs', '--tail', '20000', 'c')).startsWith('10001\n'));
});

test('logs --follow that is stopped while the log is rotated loses no line, and then the files go', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(
    ...['run', '-d', '-i', '--name', 'c', '--network', 'none', '--log-opt', 'max-size=1k', 'busybox', 'cat'],
  );
  const follower = tspod.start('logs', '--follow', 'c');
  const text = { out: '', error: '' };
  follower.stdout.on('data', (bytes: Buffer) => (text.out += bytes.toString()));
  follower.stderr.on('data', (bytes: Buffer) => (text.error += bytes.toString()));
  const client = tspod.start('attach', 'c');
  client.stdout.resume();
  client.stdin.write('first\n');
  await eventually(() => text.out === 'first\n', 'the follower reads');
  follower.kill('SIGSTOP');
  const lines = Array.from({ length: 200 }, (_, n) => `${'x'.repeat(100)} ${n}\n`).join('');
  client.stdin.write(lines);
  const names = () => readdirSync(join(tspod.store, 'containers', id));
  await eventually(() => names().some((name) => /^ctr\.log\.\d\d$/.test(name)), 'the log is rotated ten times');
  const ended = once(follower, 'close');
  follower.kill('SIGCONT');
  await eventually(() => text.out.endsWith(lines), 'it catches up');
  client.stdin.end(`${'y'.repeat(1000)}\nlast\n`);
  await ended;
  assert.ok(text.out === `first\n${lines}${'y'.repeat(1000)}\nlast\n`);
  assert.equal(text.error, '');
  assert.ok(names().filter((name) => name.startsWith('ctr.log')).length <= 3); // The last that was read, at most.
});

test('files beside a log elsewhere that look like its own are neither removed, nor overwritten, nor read', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const log = join(tspod.folder, 'app.log');
  const own = { '1': 'kept', '2': 'kept', '9': 'kept' };
  for (const [number, text] of Object.entries(own)) writeFileSync(`${log}.${number}`, text);
  const script = 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; done';
  const options = ['--log-opt', `path=${log}`, '--log-opt', 'max-size=4kb', '--log-opt', 'max-file=3'];
  await tspod.ok('run', '--name', 'c', '--network', 'none', ...options, 'busybox', 'sh', '-c', script);
  const numbers = () =>
    readdirSync(tspod.folder)
      .flatMap((name) => /^app[.]log[.](\d+)$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  const assertKept = () => {
    for (const [number, text] of Object.entries(own)) assert.equal(readFileSync(`${log}.${number}`, 'utf8'), text);
  };
  const newest = numbers().at(-1) ?? 0;
  assert.ok(newest > 9);
  assert.deepEqual(numbers(), [1, 2, 9, newest - 1, newest]);
  assertKept();
  assert.match(await tspod.ok('logs', 'c'), /^(line \d+\n)+line 300$/);
  writeFileSync(`${log}.${newest + 1}`, 'kept'); // Where the next one would go.
  Object.assign(own, { [newest + 1]: 'kept' });
  await tspod.ok('start', '--attach', 'c');
  await tspod.ok('start', '--attach', 'c');
  assertKept();
  assert.match(await tspod.ok('logs', 'c'), /^(line \d+\n)+line 300$/);
});
