/** Archives of layers that are damaged, malformed or false. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { unpackLayer } from '../support/layer-tree.ts';
import { missing } from '../support/missing.ts';
import { rawLayerArchive } from '../support/raw-layer.ts';
import { file, link, writeTar, type TarEntry } from '../support/tar.ts';
import { tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('subuid');

/** The store as it was: no layer, no staged file. */
function assertNothingLeft(tspod: Tspod): void {
  assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
  const hello = readdirSync(join(tspod.store, 'layers')).filter((name) => !name.endsWith('.json'));
  assert.ok(hello.length <= 1 && hello.every((name) => !name.startsWith('.')), hello.join(' '));
}

test('what an archive must not do is refused, and nothing of it stays', { skip }, async (t) => {
  const refusals: [string, readonly TarEntry[], RegExp][] = [
    ['a hard link out of the layer', [link('x', 'hardlink', '/etc/passwd')], /cannot unpack "x".*no such file/],
    ['a symlink loop on the way', [link('l', 'symlink', 'l'), file('l/x')], /cannot unpack "l\/x".*symbolic link/],
    ['a file as a directory', [file('f'), file('f/x')], /cannot unpack "f\/x".*not a directory/],
    ['the root as a file', [link('./', 'symlink', 'x')], /malformed/],
    ['a whiteout of the directory itself', [file('d/.wh..', '')], /malformed/],
    ['a whiteout of the parent', [file('d/.wh...', '')], /malformed/],
    [
      'an owner we cannot represent',
      [file('x', 'x', { uid: 1_000_000 })],
      /"x" belongs to 1000000:0, an id that your subordinate ids do not reach/,
    ],
    ['a NUL in a name', [file('x', 'x', { pax: { path: 'a\0b' } })], /malformed/],
    ['a malformed pax number', [file('x', 'x', { pax: { mtime: '12x' } })], /malformed/],
    [
      'a sparse map beyond the file',
      [file('x', 'xxxx', { pax: { 'GNU.sparse.size': '8', 'GNU.sparse.map': '6,4' } })],
      /malformed/,
    ],
    [
      'a sparse map that overlaps',
      [file('x', 'xxxx', { pax: { 'GNU.sparse.size': '8', 'GNU.sparse.map': '0,2,1,2' } })],
      /malformed/,
    ],
    [
      'a sparse map without its data',
      [file('x', 'xx', { pax: { 'GNU.sparse.size': '8', 'GNU.sparse.map': '0,4' } })],
      /malformed/,
    ],
  ];
  for (const [what, layer, message] of refusals) {
    const { tspod, stderr } = await unpackLayer(t, [file('before'), ...layer]);
    assert.match(stderr, message, what);
    assert.match(stderr, /^Error: /, what);
    assert.equal((await tspod('image', 'exists', 'localhost/layer')).exitCode, 1, what);
    assertNothingLeft(tspod);
  }
});

test('an archive that is damaged or cut is refused, and nothing of it stays', { skip }, async (t) => {
  const whole = writeTar([file('a', 'a'.repeat(2000)), file('b', 'b'.repeat(2000))]);
  const flipped = Buffer.from(whole);
  flipped[2560 + 10] = 0x7f; // In the name of the second header.
  const negative = Buffer.from(whole);
  negative.write('-0000000012\0', 124, 'latin1');
  const damaged: [string, Buffer, RegExp][] = [
    ['cut in a header', whole.subarray(0, 300), /ends too early/],
    ['cut in a file', whole.subarray(0, 2000), /ends too early/],
    ['a wrong checksum', flipped, /malformed/],
    ['a negative size', negative, /malformed/],
    ['no archive at all', Buffer.alloc(4096, 'text'), /malformed/],
  ];
  for (const [what, layer, message] of damaged) {
    const tspod = await tspodWithEmptyStore(t);
    const archive = join(tspod.folder, 'image.tar');
    rawLayerArchive(archive, layer);
    const { stderr, exitCode } = await tspod('load', '--input', archive);
    assert.match(stderr, message, what);
    assert.equal(exitCode, 125, what);
    assertNothingLeft(tspod);
  }
});

test('a layer whose content is not what the image says is refused', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const archive = join(tspod.folder, 'image.tar');
  rawLayerArchive(archive, writeTar([file('a')]), { diffId: `sha256:${'0'.repeat(64)}` });
  const { stderr, exitCode } = await tspod('load', '--input', archive);
  assert.equal(exitCode, 125);
  assert.match(stderr, /its tar archive has the digest "sha256:.*", and its config says "sha256:0{64}"/);
  assertNothingLeft(tspod);
});

test('an image gets no layer of another one by naming its diff id', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const [secret, other] = [join(tspod.folder, 'secret.tar'), join(tspod.folder, 'other.tar')];
  const layer = writeTar([file('secret')]);
  const diffId = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  rawLayerArchive(secret, layer);
  await tspod.ok('load', '--input', secret);
  await tspod.ok('tag', 'raw', 'secret');
  const refused = async () => {
    rawLayerArchive(other, writeTar([file('other')]), { diffId });
    const { stderr, exitCode } = await tspod('load', '--input', other);
    assert.equal(exitCode, 125);
    assert.match(stderr, new RegExp(`its tar archive has the digest "sha256:.*", and its config says "${diffId}"`));
  };
  await refused();
  rawLayerArchive(other, writeTar([file('other')]));
  await tspod.ok('load', '--input', other); // Now its blob is in the store, too.
  await refused();
  await tspod.ok('load', '--input', secret);
});
