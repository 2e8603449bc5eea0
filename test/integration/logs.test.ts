import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('the log is in k8s-file format, with streams and partial lines', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(
    ...detached,
    '--name',
    'c',
    'busybox',
    'sh',
    '-c',
    'echo out; echo err >&2; printf partial',
  );
  await tspod.ok('wait', 'c');
  const lines = readFileSync(join(tspod.store, 'containers', id, 'ctr.log'), 'utf8')
    .trimEnd()
    .split('\n');
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d`;
  assert.deepEqual(lines.map((line) => line.replace(new RegExp(`^${time} `), '')).sort(), [
    'stderr F err',
    'stdout F out',
    'stdout P partial',
  ]);
  const { stdout, stderr } = await tspod('logs', 'c');
  assert.deepEqual([stdout, stderr], ['out\npartial', 'err']);
});

test('logs --tail, --timestamps and --since', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'c', 'busybox', 'seq', '5');
  await tspod.ok('wait', 'c');
  assert.equal(await tspod.ok('logs', '--tail', '2', 'c'), '4\n5');
  assert.match(await tspod.ok('logs', '-t', '--tail', '1', 'c'), /^\d{4}-\d\d-\d\dT\S+ 5$/);
  assert.equal(await tspod.ok('logs', '--since', '1h', 'c'), '1\n2\n3\n4\n5');
});

test('logs --follow shows what comes and ends with the container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'c', 'busybox', 'sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.3; done');
  assert.equal(await tspod.ok('logs', '--follow', 'c'), '1\n2\n3');
});

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

test('--log-driver json-file, none and passthrough', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'j', '--log-driver', 'json-file', 'busybox', 'echo', 'hello');
  await tspod.ok('wait', 'j');
  assert.equal(await tspod.ok('logs', 'j'), 'hello');
  const id = await tspod.ok(...detached, '--name', 'n', '--log-driver', 'none', 'busybox', 'echo', 'hello');
  await tspod.ok('wait', 'n');
  assert.equal(existsSync(join(tspod.store, 'containers', id, 'ctr.log')), false);
  const { stdout, exitCode } = await tspod(
    ...['run', '--rm', '--network', 'none', '--log-driver', 'passthrough'],
    ...['busybox', 'sh', '-c', 'echo through; exit 3'],
  );
  assert.deepEqual([stdout, exitCode], ['through', 3]);
});

for (const driver of ['k8s-file', 'json-file']) {
  test(`${driver}: a line of 1 MiB survives, and characters that reads cut in two`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const script = `head -c 1048576 /dev/zero | tr '\\0' x; echo; yes 'äöü€🐋' | head -n 20000`;
    await tspod.ok(...detached, '--name', 'c', '--log-driver', driver, 'busybox', 'sh', '-c', script);
    await tspod.ok('wait', 'c');
    const { stdout } = await tspod('logs', 'c');
    assert.ok(stdout === `${'x'.repeat(1 << 20)}\n${'äöü€🐋\n'.repeat(20000).trimEnd()}`, stdout.slice(-100));
    assert.equal(await tspod.ok('logs', '--tail', '1', 'c'), 'äöü€🐋');
    assert.ok((await tspod.ok('logs', '--tail', '20001', 'c')).startsWith('x'.repeat(1 << 20)));
  });
}

test('a line of any bytes survives', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
  await tspod.withInput(bytes, 'run', '-i', '--name', 'c', '--network', 'none', 'busybox', 'cat');
  await tspod.ok('wait', 'c');
  const child = tspod.start('logs', 'c');
  assert.deepEqual(Buffer.concat((await child.stdout.toArray()) as Buffer[]), bytes);
});

test('logs of several containers name each line, in colours when asked', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const one = await tspod.ok(...detached, '--name', 'one', 'busybox', 'echo', 'a');
  const two = await tspod.ok(...detached, '--name', 'two', 'busybox', 'sh', '-c', 'echo b; printf c');
  for (const name of ['one', 'two']) await tspod.ok('wait', name);
  const sorted = async (...args: string[]) => (await tspod.ok('logs', ...args)).split('\n').sort();
  assert.deepEqual(
    await sorted('one', 'two'),
    [`${one.slice(0, 12)} a`, `${two.slice(0, 12)} b`, `${two.slice(0, 12)} c`].sort(),
  );
  assert.deepEqual(await sorted('--names', 'one', 'two'), ['one a', 'two b', 'two c']);
  assert.equal(await tspod.ok('logs', '--names', 'one'), 'a');
  assert.deepEqual(await sorted('--names', '--color', 'one', 'two'), [
    '\x1b[31mtwo b\x1b[0m',
    '\x1b[31mtwo c\x1b[0m',
    '\x1b[37mone a\x1b[0m',
  ]);
  assert.equal(await tspod.ok('logs', '--color', '--latest'), '\x1b[37mb\x1b[0m\n\x1b[37mc\x1b[0m');
  assert.match(await tspod.ok('logs', '--timestamps', 'one'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z a$/);
});

test('what several containers have written comes in the order of time', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const name of ['one', 'two'])
    await tspod.ok('run', '-d', '-i', '--name', name, '--network', 'none', 'busybox', 'cat');
  const written: string[] = [];
  const clients = { one: tspod.start('attach', 'one'), two: tspod.start('attach', 'two') };
  const say = async (name: 'one' | 'two', text: string) => {
    clients[name].stdin.write(`${text}\n`);
    await once(clients[name].stdout, 'data');
    written.push(`${name} ${text}`);
  };
  await say('one', 'a');
  await say('two', 'b');
  await say('one', 'c');
  await say('one', 'd');
  await say('two', 'e');
  for (const client of Object.values(clients)) client.stdin.end();
  assert.equal(await tspod.ok('logs', '--follow', '--names', 'one', 'two'), written.join('\n'));
  assert.equal(await tspod.ok('logs', '--names', 'two', 'one'), written.join('\n'));
  assert.equal(await tspod.ok('logs', '--names', '--tail', '1', 'one', 'two'), 'one d\ntwo e');
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
  assert.ok(stdout === expected);
  assert.equal(stderr, '');
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

test('logs --follow ends with its reader, and at the time of --until', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'while :; do echo x; sleep 0.1; done';
  await tspod.ok(...detached, '--name', 'c', 'busybox', 'sh', '-c', script);
  const follower = tspod.start('logs', '--follow', 'c');
  follower.stdout.once('data', () => follower.stdout.destroy());
  await once(follower, 'exit');
  assert.match(await tspod.ok('logs', '--follow', '--until', '1s', 'c'), /^x\n/);
  const over = await tspod('logs', '--follow', '--until', '2001-01-01', 'c');
  assert.deepEqual(over, { stdout: '', stderr: '', exitCode: 0 });
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

test('a log that is a pipe is refused, with a reader and without', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const log = join(tspod.folder, 'pipe');
  execFileSync('mkfifo', [log]);
  const options = ['run', '--rm', '--network', 'none', '--log-opt'];
  const assertRefused = async () => {
    const { exitCode, stderr } = await tspod(...options, `path=${log}`, 'busybox', 'true');
    assert.match(stderr, /^Error: the log ".*pipe" is neither a file nor a character device\n.*: ls -l /);
    assert.equal(exitCode, 125);
  };
  await assertRefused();
  const reader = openSync(log, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(reader));
  await assertRefused();
  assert.equal(await tspod.ok(...options, 'path=/dev/null', 'busybox', 'echo', 'x'), 'x');
});
