import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdLock } from '../support/held-lock.ts';
import { eventually, finish, tspodWithBusybox } from '../support/tspod.ts';

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
    [['nobody', 'other'], /no container with name or ID "nobody"/],
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

test('a name that a killed removal has left goes to one alone of those who want it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const names = join(tspod.store, 'containers/by-name');
  mkdirSync(names, { recursive: true });
  symlinkSync(`../${'0'.repeat(64)}`, join(names, 'web'));
  const lock = await holdLock(names);
  const slow = tspod.start('create', '--name', 'web', 'busybox');
  const end = finish(slow);
  await lock.untilReachedBy(slow);
  rmSync(join(names, 'web'));
  await tspod.ok('create', '--name', 'web', 'busybox');
  await lock.release();
  const { stderr, exitCode } = await end;
  assert.match(stderr, /the container name "web" is already in use/);
  assert.equal(exitCode, 125);
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'web');
});

test('the end of a --rm container leaves alone a name that is another container’s by now', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--rm', '--network', 'none', '--name', 'web', 'busybox', 'sleep', '1000');
  const next = await tspod.ok('create', '--name', 'next', 'busybox');
  const name = join(tspod.store, 'containers/by-name/web');
  rmSync(name);
  symlinkSync(`../${next}`, name);
  await tspod.ok('stop', '--time', '0', await tspod.ok('ps', '--quiet'));
  await eventually(async () => (await tspod.ok('ps', '--all', '--format', '{{.Names}}')) === 'next', 'it is removed');
  assert.equal(readlinkSync(name), `../${next}`);
  rmSync(name);
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
