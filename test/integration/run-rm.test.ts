/** `run --rm`: when the container goes, and what goes with it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('run --rm leaves nothing, run without it leaves the container and its log', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', 'one');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  await tspod.ok('run', '--name', 'kept', '--network', 'none', 'busybox', 'echo', 'two');
  assert.equal(await tspod.ok('logs', 'kept'), 'two');
});

test('run -d --rm removes the container when it ends', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--rm', 'busybox', 'sleep', '1');
  await eventually(async () => (await tspod.ok('ps', '--all', '--quiet')) === '', 'the container is removed');
});

test('a container of --rm goes with its volumes when its start fails', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const start of [['start'], ['start', '--attach'], ['restart']]) {
    await tspod.ok('create', '--rm', '--name', 'c', '--network', 'none', '-v', '/data', 'busybox', 'no-such-command');
    assert.match((await tspod(...start, 'c')).stderr, /^Error: .*"no-such-command"/);
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
    assert.equal(await tspod.ok('volume', 'ls', '--quiet'), '');
  }
});

test('but not while another needs it: then it can be started once what was in the way is gone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const volume = ['-v', `${tspod.folder}:/host`];
  await tspod.ok('create', '--rm', '--name', 'c', '--network', 'none', ...volume, 'busybox', '/host/command');
  await tspod.ok('create', '--name', 'above', '--requires', 'c', '--network', 'none', 'busybox', 'true');
  for (const name of ['above', 'c']) assert.equal((await tspod('start', name)).exitCode, 125);
  assert.equal(
    await tspod.ok('ps', '--all', '--format', '{{.Names}} {{.State}}', '--sort', 'names'),
    'above created\nc created',
  );
  writeFileSync(join(tspod.folder, 'command'), '#!/bin/sh\necho it runs\nsleep 1000', { mode: 0o755 });
  await tspod.ok('start', 'c');
  await eventually(async () => (await tspod.ok('logs', 'c')) === 'it runs', 'it runs');
});
