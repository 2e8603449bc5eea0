import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { busyboxImage, manyFilesImage, writeOciArchive } from '../support/images.ts';
import { missing, smallDisk } from '../support/missing.ts';
import { startRegistry } from '../support/registry.ts';
import { eventually, tspodWithEmptyStore } from '../support/tspod.ts';

const skip = missing('small-disk', 'subuid');
const MIB = 1024 * 1024;

/** A store on a file system that has this much room left. */
async function withRoomFor(t: TestContext, leftBytes: number) {
  const parent = mkdtempSync(join(smallDisk() ?? '', 'tspod-full-'));
  const filler = join(parent, 'filler');
  const fillUpTo = (left: number) => {
    const file = openSync(filler, 'a');
    try {
      const block = Buffer.alloc(MIB);
      for (;;) {
        const { bavail, bsize } = statfsSync(parent);
        const spare = bavail * bsize - left;
        if (spare <= 0) return;
        writeSync(file, block, 0, Math.min(spare, MIB));
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  };
  const tspod = await tspodWithEmptyStore(t, { parent });
  t.after(() => rmSync(parent, { recursive: true, force: true })); // After the store's own clean-up.
  fillUpTo(leftBytes);
  return { tspod, fillUpTo, makeRoom: () => rmSync(filler) };
}

test('an image that does not fit is refused in one sentence, and nothing of it stays', { skip }, async (t) => {
  const { tspod, makeRoom } = await withRoomFor(t, 8 * MIB);
  const archive = join(mkdtempSync('/tmp/tspod-archive-'), 'large.tar');
  t.after(() => rmSync(join(archive, '..'), { recursive: true }));
  writeOciArchive(archive, manyFilesImage({ files: 2000, bytes: 20_000 }), 'localhost/large:latest');

  const { exitCode, stderr } = await tspod('load', '--input', archive);
  assert.equal(exitCode, 125);
  assert.match(stderr, /no space left|disk is full/i);
  assert.equal((await tspod('image', 'exists', 'localhost/large')).exitCode, 1);

  makeRoom();
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', 'works again'), 'works again');
});

test(
  'a pull that does not fit leaves nothing, and an archive that does not fit is not there',
  { skip: skip || missing('registry') },
  async (t) => {
    const registry = await startRegistry();
    t.after(() => registry.stop());
    const name = await registry.push(manyFilesImage({ files: 2000, bytes: 20_000 }), 'large:1');
    const { tspod, fillUpTo, makeRoom } = await withRoomFor(t, 8 * MIB);
    const { exitCode, stderr } = await tspod('pull', '--quiet', name);
    assert.equal(exitCode, 125);
    assert.match(stderr, /^Error: [^\n]*no space left in [^\n]*\n {2}Remove images that nobody needs [^\n]*$/);
    assert.equal((await tspod('image', 'exists', name)).exitCode, 1);
    assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);

    makeRoom();
    await tspod.load(busyboxImage(), 'localhost/busybox:latest');
    fillUpTo(MIB);
    const archive = join(tspod.folder, 'out.tar');
    const saved = await tspod('save', '--quiet', '--output', archive, 'busybox');
    assert.equal(saved.exitCode, 125);
    assert.match(saved.stderr, /cannot write the archive to ".*out.tar": no space is left there/);
    assert.equal(existsSync(archive), false);
  },
);

test('on a full disk run says so, and rm still removes', { skip }, async (t) => {
  const { tspod, fillUpTo } = await withRoomFor(t, 16 * MIB);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  await tspod.ok('create', '--name', 'old', '--network', 'none', 'busybox', 'true');
  fillUpTo(0);

  const { exitCode, stderr } = await tspod('run', '--name', 'new', '--network', 'none', 'busybox', 'true');
  assert.equal(exitCode, 125);
  assert.match(stderr, /^Error: .*"[^"]*": no space left on the device\n.*tspod rmi/);
  rmSync(join(tspod.runtime, 'facts.json')); // As after a boot.
  await tspod.ok('rm', 'old');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('a container that ends on a full disk has its exit code all the same', { skip }, async (t) => {
  const { tspod, fillUpTo } = await withRoomFor(t, 16 * MIB);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  const script = 'trap "exit 7" TERM; touch /ready; while :; do sleep 0.1; done';
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', script);
  await eventually(async () => (await tspod('exec', 'c', 'test', '-e', '/ready')).exitCode === 0, 'the trap');
  fillUpTo(0);

  await tspod.ok('kill', '--signal', 'TERM', 'c');
  assert.equal(await tspod.ok('wait', 'c'), '7');
  assert.match(await tspod.ok('ps', '--all', '--format', '{{.Status}}'), /^Exited \(7\)/);
});

test('a container whose log finds no room goes on, and so does its log when there is some', { skip }, async (t) => {
  const { tspod, fillUpTo, makeRoom } = await withRoomFor(t, 16 * MIB);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  await tspod.ok('run', '-d', '-i', '--name', 'c', '--network', 'none', 'busybox', 'cat');
  const client = tspod.start('attach', 'c');
  let said = '';
  client.stdout.on('data', (text: Buffer) => (said += text.toString()));
  const say = async (text: string) => {
    client.stdin.write(`${text}\n`);
    await eventually(() => said.endsWith(`${text}\n`), `the container repeats "${text.slice(0, 20)}"`);
  };
  await say('before');
  fillUpTo(0);
  await say(`${'x'.repeat(100)}\n`.repeat(10_000) + 'lost');
  makeRoom();
  await say('after');
  client.stdin.end();
  await tspod.ok('wait', 'c');
  const lines = (await tspod.ok('logs', 'c')).split('\n');
  assert.deepEqual([lines[0], lines.at(-1)], ['before', 'after']);
  assert.ok(!lines.includes('lost'));
  assert.ok(lines.slice(1, -1).every((line) => /^x*$/.test(line)));
});

test('on a full disk rmi still removes', { skip }, async (t) => {
  const { tspod, fillUpTo } = await withRoomFor(t, 16 * MIB);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  await tspod.ok('tag', 'busybox', 'second');
  fillUpTo(0);

  assert.equal(await tspod.ok('rmi', 'second'), 'Untagged: localhost/second:latest');
  assert.match(await tspod.ok('rmi', 'busybox'), /^Untagged: localhost\/busybox:latest\nDeleted: /);
  assert.equal((await tspod('image', 'exists', 'busybox')).exitCode, 1);
});

test('who reads the list of images while rmi makes room sees the old one or the new one', { skip }, async (t) => {
  const { tspod, fillUpTo } = await withRoomFor(t, 16 * MIB);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  const names = Array.from({ length: 20 }, (_, index) => `localhost/name-${String(index)}:latest`);
  await tspod.ok('tag', 'busybox', ...names);
  const list = join(tspod.store, 'index.json');
  assert.ok(readFileSync(list).length > 4096);
  fillUpTo(0);

  for (const name of names) {
    const before = readFileSync(list, 'utf8');
    const reader = openSync(list, 'r');
    assert.equal(await tspod.ok('rmi', name), `Untagged: ${name}`);
    assert.ok(readFileSync(reader, 'utf8') === before, 'it is whole');
    closeSync(reader);
    assert.equal((await tspod('image', 'exists', name)).exitCode, 1);
  }
  assert.equal(await tspod.ok('images', '--filter', 'reference=busybox', '--format', '{{.Tag}}'), 'latest');
});

test('what does not fit leaves the old file, and nothing of the new one', { skip }, async (t) => {
  const { tspod, fillUpTo } = await withRoomFor(t, 40 * MIB);
  const elsewhere = mkdtempSync('/tmp/tspod-large-');
  t.after(() => rmSync(elsewhere, { recursive: true }));
  const large = join(elsewhere, 'large');
  writeFileSync(large, Buffer.alloc(8 * MIB, 'x'));
  execFileSync('tar', ['-c', '-f', `${large}.tar`, '-C', elsewhere, 'large']);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  const script = 'yes | head -c 8000000 >/large; echo old >/old; mkdir /d; touch /ready; exec sleep 1000';
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', script);
  await eventually(async () => (await tspod('exec', 'c', 'test', '-e', '/ready')).exitCode === 0, 'the files');
  const old = join(tspod.folder, 'old');
  writeFileSync(old, 'old');
  const images = await tspod.ok('images', '--all', '--quiet');
  fillUpTo(MIB);
  const files = readdirSync(tspod.folder);

  for (const words of [
    ['cp', large, 'c:/old'],
    ['cp', large, 'c:/d'],
    ['cp', 'c:/large', old],
    ['cp', 'c:/large', join(tspod.folder, 'new')],
    ['export', '--output', old, 'c'],
    ['export', '--output', join(tspod.folder, 'new'), 'c'],
    ['save', '--quiet', '--output', old, 'busybox'],
    ['commit', '--pause=false', 'c', 'made'],
    ['import', `${large}.tar`, 'made'],
  ]) {
    const { exitCode, stderr } = await tspod(...words);
    assert.equal(exitCode, 125, words.join(' '));
    assert.match(stderr, /^Error: [^\n]*(no space (is )?left|disk is full)[^\n]*(\n {2}[^\n]*)?\n?$/i, words.join(' '));
    assert.equal(readFileSync(old, 'utf8'), 'old');
    assert.deepEqual(readdirSync(tspod.folder), files);
    assert.equal(await tspod.ok('exec', 'c', 'sh', '-c', 'cat /old; ls -A /d; ls -A / | grep tspod || true'), 'old');
    assert.equal(await tspod.ok('images', '--all', '--quiet'), images);
    assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
  }
});
