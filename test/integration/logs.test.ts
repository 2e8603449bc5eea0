import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

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
