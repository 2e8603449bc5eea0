import assert from 'node:assert/strict';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

test('rename gives a container another name and frees the old one', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', '--name', 'old', 'busybox');
  assert.equal(await tspod.ok('rename', 'old', 'new'), '');
  assert.equal(await tspod.ok('inspect', '--format', '{{.Id}} {{.Name}}', 'new'), `${id} new`);
  assert.equal((await tspod('container', 'exists', 'old')).exitCode, 1);
  await tspod.ok('create', '--name', 'old', 'busybox');
});

test('rename refuses a name in use, a malformed one and a container that does not exist', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'a', 'busybox');
  await tspod.ok('create', '--name', 'b', 'busybox');
  for (const [args, message] of [
    [['a', 'b'], /"b" is already in use/],
    [['a', 'x y'], /"x y" is not a name for a container/],
    [['c', 'd'], /no container with name or ID "c"/],
  ] as const) {
    const { exitCode, stderr } = await tspod('rename', ...args);
    assert.match(stderr, message);
    assert.equal(exitCode, 125);
  }
  assert.equal(await tspod.ok('rename', 'a', 'a'), '', 'its own is no other');
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}', '--sort', 'names'), 'a\nb');
});

test('a --rm container that was renamed while it ran leaves no name behind', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--rm', '--network', 'none', '--name', 'old', 'busybox', 'sleep', '1000');
  await tspod.ok('rename', 'old', 'new');
  await tspod.ok('stop', '--time', '0', 'new');
  await eventually(async () => (await tspod.ok('ps', '--all', '--quiet')) === '', 'the container is removed');
  assert.deepEqual(readdirSync(join(tspod.store, 'containers/by-name')), []);
});

test('a crash between the new name and the old leaves no name that leads nowhere', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', '--name', 'old', 'busybox');
  const names = join(tspod.store, 'containers/by-name');
  symlinkSync(`../${id}`, join(names, 'new'));
  await tspod.ok('rename', 'old', 'new');
  assert.deepEqual(readdirSync(names), ['new']);
  await tspod.ok('rm', 'new');
  assert.deepEqual(readdirSync(names), []);
});

test('rename and update are events, under the name that counts', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'old', 'busybox');
  await tspod.ok('rename', 'old', 'new');
  await tspod.ok('update', '--restart', 'always', 'new');
  assert.equal(
    await tspod.ok('events', '--stream=false', '--filter', 'type=container', '--format', '{{.Status}} {{.Name}}'),
    'create old\nrename new\nupdate new',
  );
});
