import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

/** What becomes of a state file: each leaves it so that nothing can be read from it. */
const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  truncated: (path) => truncateSync(path, 40),
  'a directory': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  binary: (path) => writeFileSync(path, Buffer.from([0, 0xff, 0x80, 7])),
  'of another version': (path) =>
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"version": 1/, '"version": 9')),
  'not readable': (path) => chmodSync(path, 0),
};
/** These too, where no power cut can have done it: what is to last was synced before it was there. */
const LOSSES: typeof DAMAGES = {
  ...DAMAGES,
  empty: (path) => truncateSync(path, 0),
  missing: (path) => rmSync(path),
};

test('a damaged container stops no command for the others, and rm -f removes it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const [how, damage] of Object.entries(LOSSES)) {
    const create = (name: string) => tspod.ok('create', '--name', name, '--network', 'none', 'busybox', 'true');
    const id = await create('bad');
    const good = await create('good');
    const file = join(tspod.store, 'containers', id, 'config.json');
    damage(file);
    const error = `Error: the state file "${file}" is damaged\n  Put a copy of it there, or remove the container: tspod rm -f ${id}`;
    for (const [words, stdout] of [
      [['ps', '-aq', '--no-trunc'], good],
      [['start', '--all'], good],
      [['wait', 'good'], undefined],
      [['container', 'prune', '--force'], good],
    ] as const) {
      const result = await tspod(...words);
      const expected = { stdout: stdout ?? '0', stderr: stdout === undefined ? '' : error };
      assert.deepEqual({ stdout: result.stdout, stderr: result.stderr }, expected, `${how}: ${words.join(' ')}`);
    }
    for (const words of [
      ['volume', 'prune', '--force'],
      ['image', 'prune', '--all', '--force'],
    ]) {
      assert.equal((await tspod(...words)).stderr, error, how); // It may need them.
    }
    await create('good');
    assert.match(await tspod.ok('rm', '-fa'), new RegExp(`^${id}\n[0-9a-f]{64}$`));
    assert.equal(await tspod.ok('ps', '-aq'), '');
  }
});

test('a damaged volume keeps its files until volume rm removes it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const [how, damage] of Object.entries(LOSSES)) {
    for (const name of ['bad', 'good']) await tspod.ok('volume', 'create', name);
    const file = join(tspod.store, 'volumes/bad/config.json');
    writeFileSync(join(dirname(file), '_data/kept'), 'kept\n');
    damage(file);
    const error = `Error: the state file "${file}" is damaged\n  Save what you need of "${join(dirname(file), '_data')}", then remove the volume: tspod volume rm bad`;
    const listed = await tspod('volume', 'ls', '-q');
    assert.deepEqual(listed, { stdout: 'bad\ngood', stderr: error, exitCode: 125 }, how);
    const used = await tspod('run', '--rm', '--network', 'none', '-v', 'bad:/data', 'busybox', 'cat', '/data/kept');
    assert.equal(used.stdout, 'kept', how);
    assert.equal((await tspod('volume', 'prune', '--force')).stdout, 'good', how);
    assert.equal(await tspod.ok('volume', 'rm', 'bad'), 'bad');
    assert.equal(await tspod.ok('volume', 'ls', '-q'), '');
  }
});

test('what others keep beside the volumes is theirs', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('volume', 'create', 'data');
  const strange = ['lost+found/#123', '.snapshots/1'].map((name) => join(tspod.store, 'volumes', name));
  for (const path of strange) mkdirSync(path, { recursive: true });
  assert.equal(await tspod.ok('volume', 'ls', '-q'), 'data');
  assert.equal(await tspod.ok('volume', 'prune', '--force'), 'data');
  assert.deepEqual(strange.map(existsSync), [true, true]);
});

test('a volume without a name of its own that loses its config keeps its files, too', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const name = await tspod.ok('volume', 'create');
  const home = join(tspod.store, 'volumes', name);
  writeFileSync(join(home, '_data/kept'), 'kept\n');
  truncateSync(join(home, 'config.json'), 0);
  assert.equal((await tspod('volume', 'prune', '--force')).stdout, '');
  assert.equal((await tspod('volume', 'ls', '-q')).stdout, name);
  assert.equal(readFileSync(join(home, '_data/kept'), 'utf8'), 'kept\n');
});

test('a damaged image stops no command for the others, and rmi -f removes it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox', 'true');
  for (const [how, damage] of Object.entries(DAMAGES)) {
    if (how === 'of another version') continue; // It has none.
    const id = await tspod.ok('commit', '--quiet', 'c', 'bad');
    const blob = join(tspod.store, 'blobs/sha256', id);
    damage(blob);
    const listed = await tspod('images', '--quiet', '--no-trunc', '--filter', 'reference=busybox');
    assert.match(listed.stdout, /^sha256:[0-9a-f]{64}$/, how);
    assert.match(
      listed.stderr,
      new RegExp(`^Error: the image "sha256:${id}" is damaged: .*\n.*: tspod rmi -f ${id}$`),
      how,
    );
    assert.equal(listed.exitCode, 125);
    assert.equal((await tspod('run', '--rm', '--network', 'none', 'busybox', 'echo', 'runs')).stdout, 'runs', how);
    assert.match((await tspod('run', '--rm', 'bad')).stderr, /tspod rmi -f/, how);
    await tspod.ok('rmi', '-f', id);
    await tspod.ok('images');
  }
});

test('a damaged index of images is refused with the command that cures it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const index = join(tspod.store, 'index.json');
  for (const [how, damage] of Object.entries(DAMAGES)) {
    if (how === 'of another version') continue;
    damage(index);
    for (const words of [['images'], ['rmi', '--all'], ['run', '--rm', 'localhost/tspod/hello']]) {
      const { stderr, exitCode } = await tspod(...words);
      assert.match(
        stderr,
        /^Error: the index of images is damaged: .*\n.*: rm -rf .*\/index\.json$/,
        `${how}: ${stderr}`,
      );
      assert.equal(exitCode, 125);
    }
    rmSync(index, { recursive: true });
    assert.equal(await tspod.ok('images', '--format', '{{.Repository}}'), 'localhost/tspod/hello');
  }
});

test('system reset removes a store with damage in it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', '--network', 'none', 'busybox', 'true');
  truncateSync(join(tspod.store, 'containers', id, 'config.json'), 40);
  truncateSync(join(tspod.store, 'index.json'), 40);
  assert.deepEqual(await tspod('system', 'reset', '--force'), { stdout: '', stderr: '', exitCode: 0 });
  assert.equal(await tspod.ok('ps', '-aq'), '');
});

test('what killed commands have left in the store itself goes with the next ones, and with a reset', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const leave = () => {
    mkdirSync(join(tspod.store, '.probe-1-1/work/work'), { recursive: true });
    for (const name of ['index.json', 'oci-layout']) {
      writeFileSync(join(tspod.store, `${name}.0123456789abcdef.tmp`), '{');
    }
  };
  leave();
  rmSync(join(tspod.runtime, 'facts.json'), { force: true }); // As after a boot.
  await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'true');
  await tspod.ok('image', 'prune', '--force');
  const left = readdirSync(tspod.store).filter((name) => /^[.]probe|^index.*tmp$/.test(name));
  assert.deepEqual(left, []);

  leave();
  await tspod.ok('system', 'reset', '--force');
  assert.ok(!existsSync(tspod.store));
});
