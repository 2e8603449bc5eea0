import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

test('a container that does not exist is reported, and nothing is done to the others', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--network', 'none', '--name', 'c', 'busybox', 'sleep', '1000');
  for (const [words, status] of [
    [['stop', '--time', '0', 'none', 'c'], 125],
    [['kill', 'c', 'none'], 125],
    [['restart', '--time', '0', 'c', 'none'], 125],
  ] as const) {
    const { stdout, stderr, exitCode } = await tspod(...words);
    assert.match(stderr, /no container with name or ID "none" found/);
    assert.deepEqual([stdout, exitCode], ['', status], words[0]);
  }
  assert.equal(await tspod.ok('ps', '--format', '{{.Names}} {{.Restarts}}'), 'c 0');
  assert.equal(await tspod.ok('stop', '--time', '0', '--ignore', 'none', 'c', 'c'), 'c');
  assert.equal((await tspod('rm', 'c', 'none')).exitCode, 1);
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'c');
  assert.equal(await tspod.ok('rm', '--force', 'c', 'none'), 'c');
});

test('--filter selects among all containers, and among those that are named', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const web = await tspod.ok('create', '--name', 'a', '--label', 'tier=web', 'busybox');
  await tspod.ok('create', '--name', 'b', '--label', 'tier=db', 'busybox');
  assert.equal(await tspod.ok('rm', '--filter', 'label=tier=web', 'b'), '');
  assert.equal(await tspod.ok('rm', '--filter', 'label=tier=web'), web);
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'b');
  const { exitCode, stderr } = await tspod('rm', '--filter', 'nonsense=1');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"nonsense" is not something to filter by\n.*ancestor, before/);
});

test('--cidfile names the container whose id is in the file', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const files = ['one', 'two'].map((name) => join(tspod.folder, name));
  for (const file of files) await tspod.ok('create', '--cidfile', file, 'busybox');
  await tspod.ok('rm', ...files.flatMap((file) => ['--cidfile', file]));
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  assert.equal(await tspod.ok('rm', '--ignore', '--cidfile', join(tspod.folder, 'none')), '');
  const { exitCode, stderr } = await tspod('rm', '--cidfile', join(tspod.folder, 'none'));
  assert.equal(exitCode, 125);
  assert.match(stderr, /cannot read the file ".*none"/);
});

test('nothing selected, or selected twice, is a sentence', async (t) => {
  const tspod = await tspodWithBusybox(t);
  writeFileSync(join(tspod.folder, 'id'), 'c\n');
  for (const verb of ['init', 'kill', 'pause', 'restart', 'rm', 'start', 'stop', 'unpause']) {
    const nothing = await tspod(verb);
    assert.match(nothing.stderr, new RegExp(`"tspod ${verb}" needs the name or id of a container`));
    const twice = await tspod(verb, '--all', 'c');
    assert.match(twice.stderr, /--all or --latest already selects/);
    assert.deepEqual([nothing.exitCode, twice.exitCode], [125, 125]);
  }
});
