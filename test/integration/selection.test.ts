import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

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

test('--filter selects among all containers, for start also among those that are named', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const web = await tspod.ok('create', '--name', 'a', '--label', 'tier=web', 'busybox');
  await tspod.ok('create', '--name', 'b', '--label', 'tier=db', 'busybox');
  for (const command of ['rm', 'stop', 'restart', 'pause', 'unpause']) {
    const { exitCode, stderr } = await tspod(command, '--filter', 'label=tier=web', 'b');
    assert.deepEqual([exitCode, /--filter takes no arguments/.test(stderr)], [125, true], command);
  }
  assert.equal(await tspod.ok('start', '--filter', 'label=tier=web', 'b'), '');
  assert.equal(await tspod.ok('rm', '--filter', 'label=tier=web'), web);
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'b');
  const { exitCode, stderr } = await tspod('rm', '--filter', 'nonsense=1');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"nonsense" is not something to filter by\n.*ancestor, annotation/);
});

test('a comma before no key belongs to the value of a filter, as it may to that of a label', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'a', '--label', 'zones=a,b', 'busybox');
  await tspod.ok('volume', 'create', '--label', 'zones=a,b', 'data');
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}', '--filter', 'label=zones=a,b'), 'a');
  assert.equal(await tspod.ok('volume', 'ls', '--quiet', '--filter', 'label=zones=a,b'), 'data');
  const { exitCode, stderr } = await tspod('images', '--filter', 'dangling=false,a');
  assert.deepEqual([exitCode, /"false,a" is neither true nor false/.test(stderr)], [125, true]);
  await tspod.ok('volume', 'create', '--label', 'a=b,label=c', 'late');
  assert.equal(await tspod.ok('volume', 'prune', '--force', '--filter', 'label=a=b,label=c'), 'late', 'no list there');
});

test('one --filter may be a list of them', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const names = (filter: string) => tspod.ok('ps', '--all', '--format', '{{.Names}}', '--filter', filter);
  for (const name of ['a', 'b', 'c']) {
    await tspod.ok(
      'run',
      '-d',
      '--network',
      'none',
      '--name',
      name,
      '--label',
      'zones=a,b',
      'busybox',
      'sleep',
      '1000',
    );
  }
  assert.equal((await tspod.ok('stop', '--time', '0', '--filter', 'name=a,name=b')).split('\n').length, 2);
  assert.equal(await tspod.ok('ps', '--format', '{{.Names}}', '--filter', 'status=exited,name=b'), 'b');
  assert.equal(await names('status=exited,label=zones=a,b'), 'a\nb');
  assert.equal(await names('name=a,name=c,label!=zones=a'), 'a\nc');
  assert.equal((await tspod.ok('rm', '--filter', 'name=a,status=exited')).length, 64);
  assert.equal(await names('ancestor=busybox,name=b'), 'b');
  await tspod.ok('volume', 'create', '--label', 'tier=web', 'data');
  assert.equal(await tspod.ok('volume', 'ls', '--quiet', '--filter', 'label=tier=web,name=data'), 'data');
  assert.equal(await tspod.ok('volume', 'ls', '--quiet', '--filter', 'name=data,label=tier=db'), '');
  assert.equal(await tspod.ok('images', '--quiet', '--filter', 'reference=busybox,id!=0,dangling=true'), '');
  const { exitCode, stderr } = await tspod('ps', '--filter', 'status=exited,status=bogus');
  assert.deepEqual([exitCode, /"bogus" is not a status of containers/.test(stderr)], [125, true]);
});

test('ps finds containers by annotation, command, mounted volume, and by name as Docker writes it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const annotated = ['--annotation', 'tier=web', '--annotation', 'zone=a'];
  await tspod.ok('create', '--name', 'a', ...annotated, '-v', 'data:/data', 'busybox', 'sleep', '1');
  await tspod.ok('create', '--name', 'b', '--annotation', 'tier=db', '-v', 'data:/other', 'busybox', 'true');
  const names = (...filters: string[]) =>
    tspod.ok('ps', '--all', '--format', '{{.Names}}', ...filters.flatMap((filter) => ['--filter', filter]));
  assert.equal(await names('annotation=tier'), 'a\nb');
  assert.equal(await names('annotation=tier', 'annotation=zone'), 'a');
  assert.equal(await names('annotation!=tier=web'), 'b');
  assert.equal(await names('command=^sl'), 'a');
  assert.equal(await names('volume=data'), 'a\nb');
  assert.equal(await names('volume=data:/other'), 'b');
  assert.equal(await names('name=^/a$'), 'a');
  assert.equal(await tspod.ok('inspect', '--format', '{{.Name}}', '/b'), 'b');
  await tspod.ok('rename', '/a', '/c');
  await tspod.ok('create', '--name', '/a', 'busybox', 'true');
  assert.equal(await names('name=/[ac]'), 'c\na');
  assert.equal(await tspod.ok('rm', '/a', '/b', 'c'), '/a\n/b\nc');
});

test('ancestor finds the containers of an image by each of its names, by its id, and by an expression', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('tag', 'busybox', 'other:1');
  await tspod.ok('create', '--name', 'a', 'other:1', 'true');
  await tspod.ok('create', '--name', 'b', 'busybox', 'true');
  await tspod.ok('commit', '--quiet', 'b', 'child');
  const ofChild = await tspod.ok('create', '--name', 'c', 'child', 'true');
  await tspod.ok('tag', 'child', 'other:1');
  const names = (ancestor: string) =>
    tspod.ok('ps', '--all', '--format', '{{.Names}}', '--filter', `ancestor=${ancestor}`);
  const id = await tspod.ok('inspect', '--format', '{{.Image}}', 'a');
  assert.equal(await names('busybox'), 'a\nb');
  assert.equal(await names(id), 'a\nb');
  assert.equal(await names(`sha256:${id.slice(0, 20)}`), 'a\nb');
  assert.equal(await names(id.slice(0, 10)), 'a\nb');
  assert.equal(await names('child'), 'c');
  assert.equal(await names('other:1'), 'a\nc');
  assert.equal(await names('/other:[0-9]$'), 'a');
  assert.equal(await names('nothing'), '');
  assert.equal(await tspod.ok('rm', '--filter', 'ancestor=child'), ofChild);
});

test('ps --filter id= is the beginning of an id, or a regular expression', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push(await tspod.ok('create', 'busybox'));
  const found = async (id: string) =>
    (await tspod.ok('ps', '--all', '--quiet', '--no-trunc', '--filter', `id=${id}`)).split('\n');
  const [first = ''] = ids;
  assert.deepEqual(await found(first.slice(0, 10)), [first]);
  assert.deepEqual(await found(first.slice(0, 10).toUpperCase()), [first]);
  assert.deepEqual(await found(first.slice(10, 30)), ['']);
  assert.deepEqual(await found(`${first.slice(10, 30)}.*$`), [first]);
});

test('--cidfile names the container whose id is in the file', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const files = ['one', 'two'].map((name) => join(tspod.folder, name));
  for (const file of files) await tspod.ok('create', '--cidfile', file, 'busybox');
  const more = await tspod.ok('create', 'busybox');
  for (const [also, sentence] of [
    [more, /containers are named although --cidfile already selects/],
    ['--all', /--all, --latest and --cidfile exclude each other/],
    ['--latest', /--all, --latest and --cidfile exclude each other/],
  ] as const) {
    const { exitCode, stderr } = await tspod('rm', '--cidfile', join(tspod.folder, 'one'), also);
    assert.deepEqual([exitCode, sentence.test(stderr)], [125, true], also);
  }
  assert.equal(await tspod.ok('rm', more), more);
  await tspod.ok('rm', ...files.flatMap((file) => ['--cidfile', file]));
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  assert.equal(await tspod.ok('rm', '--ignore', '--cidfile', join(tspod.folder, 'none')), '');
  const { exitCode, stderr } = await tspod('rm', '--cidfile', join(tspod.folder, 'none'));
  assert.equal(exitCode, 125);
  assert.match(stderr, /cannot read the file ".*none"/);
});

test('a --cidfile goes with its container, however that goes, unless it is another one by now', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const [file, other] = ['id', 'other'].map((name) => join(tspod.folder, name)) as [string, string];
  const run = ['run', '--network', 'none', '--cidfile', 'id'];
  await tspod.ok(...run, '--rm', 'busybox', 'true');
  await eventually(() => !existsSync(file), 'the file goes with --rm');
  const first = await tspod.ok('create', '--cidfile', 'id', '--name', 'a', 'busybox', 'true');
  assert.equal((await tspod('create', '--cidfile', 'id', 'busybox', 'true')).exitCode, 125);
  assert.equal(readFileSync(file, 'utf8'), first);
  const second = await tspod.ok('create', '--cidfile', 'id', '--name', 'a', '--replace', 'busybox', 'true');
  assert.equal(readFileSync(file, 'utf8'), second);
  await tspod.ok('create', '--name', 'needs-a', '--requires', 'a', 'busybox');
  assert.equal((await tspod('create', '--cidfile', 'id', '--name', 'a', '--replace', 'busybox')).exitCode, 125);
  assert.equal(readFileSync(file, 'utf8'), second, 'it stays with the container that could not be replaced');
  await tspod.ok('rm', 'needs-a', 'a');
  assert.equal(existsSync(file), false);

  writeFileSync(file, first); // Of a container that is gone.
  await tspod.ok('create', '--cidfile', 'id', '--name', 'b', 'busybox', 'true');
  renameSync(file, other);
  writeFileSync(file, 'mine');
  await tspod.ok('rm', 'b');
  assert.equal(readFileSync(file, 'utf8'), 'mine');
  const { stderr, exitCode } = await tspod(...run, '--rm', 'busybox', 'true');
  assert.match(stderr, /container id file exists/);
  assert.equal(exitCode, 125);
});

test('nothing selected, or selected twice, is a sentence', async (t) => {
  const tspod = await tspodWithBusybox(t);
  writeFileSync(join(tspod.folder, 'id'), 'c\n');
  for (const verb of ['init', 'kill', 'pause', 'restart', 'rm', 'start', 'stop', 'unpause']) {
    const nothing = await tspod(verb);
    assert.match(nothing.stderr, new RegExp(`"tspod ${verb}" needs the name or id of a container`));
    const twice = await tspod(verb, '--all', 'c');
    assert.match(twice.stderr, /--all already selects/);
    assert.deepEqual([nothing.exitCode, twice.exitCode], [125, 125]);
  }
});
