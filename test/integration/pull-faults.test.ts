/** `tspod pull` where something goes wrong: on the way, in the registry, with the command. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { makeFakeImage, startFakeRegistry } from '../support/fake-registry.ts';
import { smallImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { writeTar } from '../support/tar.ts';
import { tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('registry', 'subuid');
const ID = /^[0-9a-f]{64}$/;

let registry: Registry;

before(async () => {
  if (skip) return;
  registry = await startRegistry();
});

/** Nothing of an image from a registry is there, whole or half made. */
async function assertNothingStored(tspod: Tspod): Promise<void> {
  assert.doesNotMatch(await tspod.ok('images', '--format', '{{.Repository}}'), /:[0-9]+\//);
  const namesIn = (folder: string) => readdir(join(tspod.store, folder)).catch(() => []);
  assert.deepEqual(await namesIn('staging'), []);
  const halfMade = (await namesIn('layers')).filter((name) => name.startsWith('.'));
  assert.deepEqual(halfMade, []);
}

test('a damaged or truncated layer on the registry is refused and leaves nothing behind', { skip }, async (t) => {
  const broken = await startRegistry();
  t.after(() => broken.stop());
  const name = await broken.push(smallImage(), 'app:1');
  const blobs = join(broken.folder, 'data/docker/registry/v2/blobs/sha256');
  const files = (await readdir(blobs, { recursive: true })).filter((file) => file.endsWith('data'));
  for (const file of files) {
    const bytes = await readFile(join(blobs, file));
    if (bytes.length < 100_000) continue;
    bytes.writeUInt8(bytes.readUInt8(4) ^ 1, 4); // The time in gzip's header: nothing but the digest can tell.
    await writeFile(join(blobs, file), bytes);
  }
  const tspod = await tspodWithEmptyStore(t);
  const damaged = await tspod('pull', name);
  assert.equal(damaged.exitCode, 125);
  assert.match(damaged.stderr, /^Error: cannot use the layer "sha256:[0-9a-f]+": its content has the digest "sha256:/m);
  await assertNothingStored(tspod);
  for (const file of files) {
    const bytes = await readFile(join(blobs, file));
    if (bytes.length < 100_000) continue;
    bytes.fill('damage', 5000, 5100); // Unpacking fails long before the digest is known.
    await writeFile(join(blobs, file), bytes);
  }
  const spoilt = await tspod('pull', name);
  assert.equal(spoilt.exitCode, 125);
  assert.match(
    spoilt.stderr,
    /^Error: cannot use the layer "sha256:[0-9a-f]+": its content has the digest "sha256:[0-9a-f]+"\n {2}Try again; /m,
  );
  await assertNothingStored(tspod);
  for (const file of files) {
    const { length } = await readFile(join(blobs, file));
    if (length > 100_000) await truncate(join(blobs, file), 60_000);
  }
  const truncated = await tspod('pull', name);
  assert.equal(truncated.exitCode, 125);
  assert.match(truncated.stderr, /^Error: the registry sent only 60000 of the [0-9]+ bytes of /m);
  await assertNothingStored(tspod);
});

test('a broken connection does not break the pull', { skip }, async (t) => {
  const layer = writeTar([{ path: 'random', content: randomBytes(2_000_000) }]);
  const image = makeFakeImage([layer]);
  let breaks = 0;
  const shaky = await startFakeRegistry(t, image, (request, response) => {
    if (!request.url?.includes('/blobs/') || breaks === 3) return false;
    breaks += 1;
    const from = Number(/[0-9]+/.exec(request.headers.range ?? '0')?.[0]);
    const blob = [...image.blobs].find(([digest]) => request.url?.endsWith(digest))?.[1] ?? Buffer.alloc(0);
    response.writeHead(from === 0 ? 200 : 206, {
      'content-length': blob.length - from,
      'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}`,
    });
    response.write(blob.subarray(from, from + Math.ceil(blob.length / 5)), () => response.destroy());
    return true;
  });
  const tspod = await tspodWithEmptyStore(t);
  assert.match(await tspod.ok('pull', '--quiet', `${shaky.host}/app:1`), ID);
});

test('a pull that is killed leaves nothing that the next one does not remove', { skip }, async (t) => {
  const image = makeFakeImage([writeTar([{ path: 'random', content: randomBytes(2_000_000) }])]);
  const isHalfWay = Promise.withResolvers<undefined>();
  let stalls = true;
  const slow = await startFakeRegistry(t, image, (request, response) => {
    const blob = [...image.blobs].find(([digest]) => request.url?.endsWith(digest))?.[1];
    if (!stalls || blob === undefined || blob.length < 2_000_000) return false;
    response.writeHead(200, { 'content-length': blob.length });
    response.write(blob.subarray(0, 1_000_000), () => isHalfWay.resolve(undefined));
    return true;
  });
  const tspod = await tspodWithEmptyStore(t);
  const killed = tspod.start('pull', '--quiet', `${slow.host}/app:1`);
  await isHalfWay.promise;
  killed.kill('SIGKILL');
  await new Promise((resolve) => killed.once('close', resolve));
  stalls = false;
  assert.match(await tspod.ok('pull', '--quiet', `${slow.host}/app:1`), ID);
  assert.deepEqual(await readdir(join(tspod.store, 'staging')), []);
  assert.deepEqual(
    (await readdir(join(tspod.store, 'layers'))).filter((name) => name.startsWith('.')),
    [],
  );
});

test('what is no image, and what is too old, is refused', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const refuse = async (changes: Readonly<Record<string, unknown>>) => {
    const fake = await startFakeRegistry(t, makeFakeImage([], changes));
    const { exitCode, stderr } = await tspod('pull', `${fake.host}/app:1`);
    assert.equal(exitCode, 125);
    assert.match(stderr, /\n {2}\S/, 'a way out');
    return stderr;
  };
  assert.match(
    await refuse({ schemaVersion: 1, mediaType: undefined }),
    /Docker's manifest schema 1, which tspod does not read/,
  );
  assert.match(await refuse({ mediaType: 'application/vnd.cncf.helm.config.v1+json' }), /is not a container image/);
  assert.match(await refuse({ layers: 'none' }), /is malformed: layers is "none", not a list/);
  assert.match(await refuse({ manifests: [] }), /is malformed: it is an index and a manifest at once/);
});

test('an unknown image, a registry that is down and a name that means nothing are told apart', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const errorOf = async (name: string) => {
    const { exitCode, stdout, stderr } = await tspod('pull', '--quiet', name);
    assert.equal(exitCode, 125);
    assert.equal(stdout, '');
    return stderr;
  };
  assert.match(
    await errorOf(`${registry.host}/no-such`),
    /^Error: no image "localhost:[0-9]+\/no-such:latest" on its registry$/m,
  );
  assert.match(
    await errorOf('127.0.0.1:1/app'),
    /^Error: cannot reach the registry "127\.0\.0\.1:1": nothing listens there/,
  );
  assert.match(await errorOf('Busybox'), /^Error: "Busybox" is not the name of an image: it must be lower case$/m);
  assert.match(await errorOf('docker-daemon:localhost/x:1'), /is neither on a registry nor an archive/);
  await assertNothingStored(tspod);
});
