import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
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
  assert.equal(
    (await tspod('run', '--rm', '--network', 'none', '--log-driver', 'passthrough', 'busybox', 'echo', 'through'))
      .stdout,
    'through',
  );
});
