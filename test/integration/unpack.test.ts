/** How the tar archives of layers become directories: what they may hold, and what they may not do. */
import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { layerFolder, makeTar, readLayer, unpackLayer, type Tree } from '../support/layer-tree.ts';
import { busyboxImage, peculiarImage, writeOciArchive } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { rawLayerArchive } from '../support/raw-layer.ts';
import { directory, file, link, writeTar } from '../support/tar.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

const skip = missing('subuid');
const needsTar = missing('subuid', 'program:tar');

function namesIn(tree: Tree): string[] {
  return Object.keys(tree)
    .filter((name) => name !== '')
    .sort();
}

test('modes, owners, times, links, attributes and long names arrive as the image has them', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.load(peculiarImage(), 'localhost/peculiar:latest');
  const tree = await readLayer(tspod, 'localhost/peculiar', 1);
  const of = (path: string) => tree[path];
  assert.equal(of('setuid')?.mode, 0o4755);
  assert.equal(of('setgid')?.mode, 0o2775);
  assert.equal(of('setgid')?.gid, 1234);
  assert.deepEqual([of('owned')?.uid, of('owned')?.gid], [1001, 2002]);
  assert.deepEqual([of('owned-high')?.uid, of('owned-high')?.gid], [60_000, 60_000]);
  assert.equal(of('old')?.mtime, 86_400);
  assert.equal(of('opaque')?.mtime, 1_700_000_000);
  assert.equal(of('hard-a')?.links, 2);
  assert.equal(of('hard-b')?.content, 'one inode\n');
  assert.equal(of('fifo')?.type, 'fifo');
  assert.equal(of('device'), undefined);
  assert.equal(of(`deep/${'directory-with-a-long-name/'.repeat(8)}file`)?.content, 'pax\n');
  assert.equal(of(`gnu/${'another-directory-with-a-long-name/'.repeat(6)}file`)?.content, 'gnu\n');
  assert.equal(of('long-link')?.content.length, 226);
  assert.equal(of('unicode-\u00e9\u4e2d')?.content, 'utf-8\n');
  assert.equal(of('tagged')?.xattrs['user.tspod'], Buffer.from('hello').toString('hex'));
  // Revision 2, as root of the user namespace sees the capability it set: capabilities(7).
  assert.match(of('capable')?.xattrs['security.capability'] ?? '', /^0100000[23]00040000/);
  assert.equal(of('sparse')?.size, 1_048_580);
  assert.ok((of('sparse')?.allocated ?? Infinity) <= 65_536, 'the holes take no space');
});

test('whiteouts and opaque directories take the form that overlays understand', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.load(peculiarImage(), 'localhost/peculiar:latest');
  const tree = await readLayer(tspod, 'localhost/peculiar', 2);
  assert.deepEqual(namesIn(tree), ['gone', 'opaque', 'opaque/new', 'replaced']);
  assert.deepEqual([tree['gone']?.type, tree['gone']?.device], ['char', 0]);
  assert.deepEqual(tree['opaque']?.xattrs, { 'user.overlay.opaque': Buffer.from('y').toString('hex') });
});

test('a layer that deletes a directory and makes it anew hides the old one', { skip }, async (t) => {
  const whiteout = file('.wh.data', '');
  const content = [directory('data/'), file('data/new', 'n')];
  for (const layer of [
    [whiteout, ...content],
    [...content, whiteout],
  ]) {
    const { tree } = await unpackLayer(t, layer);
    assert.equal(tree['data']?.type, 'directory');
    assert.equal(tree['data/new']?.content, 'n');
    assert.equal(tree['data'].xattrs['user.overlay.opaque'], Buffer.from('y').toString('hex'));
  }
});

test('a later entry takes the place of an earlier one of its name', { skip }, async (t) => {
  const { tree, stderr } = await unpackLayer(t, [
    file('twice', 'first'),
    file('twice', 'second'),
    directory('dir/', { mode: 0o700 }),
    file('dir/kept', 'k'),
    directory('dir/', { mode: 0o755, mtime: 5 }),
    directory('to-file/'),
    file('to-file/inside'),
    file('to-file', 'a file now'),
    file('to-link', 'long ago'),
    link('to-link', 'symlink', 'twice'),
    link('link-to-dir', 'symlink', 'dir'),
    directory('link-to-dir/'),
    link('same', 'hardlink', 'twice'),
    link('same', 'hardlink', 'same'),
  ]);
  assert.equal(stderr, '');
  assert.equal(tree['twice']?.content, 'second');
  assert.deepEqual([tree['dir']?.mode, tree['dir']?.mtime, tree['dir/kept']?.content], [0o755, 5, 'k']);
  assert.equal(tree['to-file']?.content, 'a file now');
  assert.equal(tree['to-link']?.type, 'symlink');
  assert.equal(tree['link-to-dir']?.type, 'directory');
  assert.equal(tree['same']?.links, 2);
});

test('names that lead out of the layer stay inside', { skip }, async (t) => {
  const { tree, stderr } = await unpackLayer(t, [
    file('../../../tmp/tspod-escape-1', 'dots'),
    file('/tmp/tspod-escape-2', 'absolute'),
    file('a/../../b/./c//d', 'mixed'),
    link('up', 'symlink', '../../../../../../../..'),
    file('up/tmp/tspod-escape-3', 'through a symlink'),
    link('root', 'symlink', '/'),
    file('root/tmp/tspod-escape-4', 'through an absolute symlink'),
    link('hard', 'hardlink', '../../../../tmp/tspod-escape-1'),
  ]);
  assert.equal(stderr, '');
  for (const n of [1, 2, 3, 4]) {
    assert.equal(existsSync(`/tmp/tspod-escape-${String(n)}`), false);
    assert.ok(tree[`tmp/tspod-escape-${String(n)}`], `${String(n)} is inside`);
  }
  assert.equal(tree['b/c/d']?.content, 'mixed');
  assert.equal(tree['hard']?.links, 2);
});

test('of two pax headers before an entry the last one counts', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const archive = join(tspod.folder, 'image.tar');
  const first = writeTar([file('long'.repeat(50))]).subarray(0, 1024);
  const last = writeTar([file('short', 'content', { pax: { comment: 'c'.repeat(400) } })]);
  rawLayerArchive(archive, Buffer.concat([first, last]));
  await tspod.ok('load', '--input', archive);
  assert.deepEqual(namesIn(await readLayer(tspod, 'localhost/raw', 0)), ['short']);
});

test('sparse files of all formats keep their holes', { skip: needsTar }, async (t) => {
  const formats = [
    ['--format=gnu'],
    ['--format=posix', '--sparse-version=0.0'],
    ['--format=posix', '--sparse-version=0.1'],
    ['--format=posix', '--sparse-version=1.0'],
  ];
  const pieces = Array.from({ length: 40 }, (_, n) => `piece ${String(n)}`.padEnd(16));
  const step = 65_536;
  for (const format of formats) {
    const tspod = await tspodWithEmptyStore(t);
    const source = join(tspod.folder, 'source');
    mkdirSync(source);
    const sparse = openSync(join(source, 'pieces'), 'w');
    for (const [n, piece] of pieces.entries()) writeSync(sparse, piece, n * step);
    closeSync(sparse);
    truncateSync(join(source, 'pieces'), pieces.length * step);
    writeFileSync(join(source, 'hole'), '');
    truncateSync(join(source, 'hole'), 10_000_000);
    writeFileSync(join(source, 'plain'), 'after the sparse ones\n');
    const archive = join(tspod.folder, 'image.tar');
    rawLayerArchive(archive, makeTar(source, '--sparse', ...format, 'pieces', 'hole', 'plain'));
    await tspod.ok('load', '--input', archive);

    const tree = await readLayer(tspod, 'localhost/raw', 0);
    const what = format.join(' ');
    assert.deepEqual([tree['hole']?.size, tree['hole']?.allocated], [10_000_000, 0], what);
    assert.equal(tree['pieces']?.size, pieces.length * step, what);
    assert.ok(tree['pieces'].allocated < (pieces.length * step) / 2, what);
    assert.equal(tree['plain']?.content, 'after the sparse ones\n', what);
    const unpacked = readFileSync(join(await layerFolder(tspod, 'localhost/raw', 0), 'pieces'), 'latin1');
    assert.equal(unpacked, pieces.map((piece) => piece.padEnd(step, '\0')).join(''), what);
  }
});

test('numbers too large for octal digits, and times before 1970, are read', { skip: needsTar }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const source = join(tspod.folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'old'), '');
  const before1970 = new Date(-86_400_000); // Node takes a negative number for the present.
  utimesSync(join(source, 'old'), before1970, before1970);
  writeFileSync(join(source, 'late'), '');
  utimesSync(join(source, 'late'), 9_000_000_000, 9_000_000_000);
  for (const format of ['gnu', 'posix']) {
    const archive = join(tspod.folder, `${format}.tar`);
    rawLayerArchive(archive, makeTar(source, `--format=${format}`, '--owner=60000', '--group=0', 'old', 'late'));
    await tspod.ok('load', '--input', archive);
    const tree = await readLayer(tspod, 'localhost/raw', 0);
    assert.equal(tree['old']?.mtime, -86_400, format);
    assert.equal(tree['late']?.mtime, 9_000_000_000, format);
    assert.equal(tree['old'].uid, 60_000, format);
  }
});

test("an image cannot bring an overlay's own attributes", { skip }, async (t) => {
  const { tree } = await unpackLayer(t, [
    {
      path: 'd/',
      type: 'directory',
      pax: {
        'SCHILY.xattr.user.overlay.opaque': 'y',
        'SCHILY.xattr.user.overlay.redirect': '/etc',
        'SCHILY.xattr.trusted.overlay.opaque': 'y',
        'SCHILY.xattr.user.fuseoverlayfs.opaque': 'y',
        'SCHILY.xattr.user.mine': 'kept',
      },
    },
  ]);
  assert.deepEqual(Object.keys(tree['d']?.xattrs ?? {}), ['user.mine']);
});

test('two loads of one image at once both succeed, and the layers are there once', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const archive = join(tspod.folder, 'image.tar');
  writeOciArchive(archive, busyboxImage(), 'localhost/busybox:latest');
  const loads = await Promise.all([1, 2, 3].map(() => tspod('load', '--input', archive)));
  for (const { exitCode, stderr } of loads) assert.equal(exitCode, 0, stderr);
  assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
  assert.equal((await tspod.ok('images', '--quiet', 'localhost/busybox')).split('\n').length, 1);
});
