/** Names, lists and removal of images, as Podman's users know them. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdLock } from '../support/held-lock.ts';
import { busyboxImage, type TestImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { finish, tspodWithBusybox, tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('subuid', 'busybox');

const OTHER: TestImage = { layers: [[{ path: 'other', content: 'x' }]], config: { Labels: { app: 'web', tier: '1' } } };

async function rows(tspod: Tspod, ...args: readonly string[]): Promise<string[]> {
  const text = await tspod.ok('images', '--noheading', '--format', '{{.Repository}}:{{.Tag}}', ...args);
  return text === '' ? [] : text.split('\n');
}

/** The store's blobs and layers, without those of the built-in image. */
function content(tspod: Tspod): string[] {
  return ['blobs/sha256', 'layers', 'staging'].flatMap((name) => readdirSync(join(tspod.store, name))).sort();
}

test("images prints Podman's table", { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = (await tspod.ok('images', '--quiet', 'localhost/busybox')).trim();
  const [heading, ...lines] = (await tspod.ok('images')).split('\n');
  assert.equal(heading?.replaceAll(/ +/g, ' '), 'REPOSITORY TAG IMAGE ID CREATED SIZE');
  assert.match(lines.join('\n'), new RegExp(`^localhost/busybox +latest +${id} +\\d+ \\w+ ago +[0-9.]+ MB$`, 'm'));
  assert.match(id, /^[0-9a-f]{12}$/);
  assert.match(await tspod.ok('images', '--quiet', '--no-trunc', 'localhost/busybox'), /^sha256:[0-9a-f]{64}$/);
  assert.match(await tspod.ok('images', '--digests'), /^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED +SIZE$/m);
  assert.match(await tspod.ok('images', '--history'), /SIZE +HISTORY\n(.*\n)*.* MB +localhost\/busybox:latest$/m);
  assert.doesNotMatch(await tspod.ok('images', '--noheading'), /REPOSITORY/);
});

test("images --format json and image inspect give Podman's fields", { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const [listed] = JSON.parse(await tspod.ok('images', '--format', 'json', 'localhost/busybox')) as Record<
    string,
    unknown
  >[];
  assert.deepEqual(listed?.['Names'], ['localhost/busybox:latest']);
  assert.equal(listed['CreatedAt'], '2026-01-01T00:00:00Z');
  assert.equal(listed['Created'], 1_767_225_600);
  const [image] = JSON.parse(await tspod.ok('image', 'inspect', 'busybox')) as Record<string, unknown>[];
  assert.ok(image);
  assert.equal(image['Id'], listed['Id']);
  assert.deepEqual(image['RepoTags'], ['localhost/busybox:latest']);
  assert.deepEqual(image['RepoDigests'], [`localhost/busybox@${String(image['Digest'])}`]);
  assert.deepEqual(image['Config'], { Env: ['PATH=/bin:/usr/bin'], Cmd: ['sh'] });
  assert.equal(image['Os'], 'linux');
  assert.equal(await tspod.ok('image', 'inspect', '--format', '{{.Os}} {{.Config.Cmd}}', 'busybox'), 'linux [sh]');
});

test('an image is found by short and full name, digest, id and the beginning of its id', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('image', 'inspect', '--format', '{{.Id}}', 'busybox');
  const digest = await tspod.ok('image', 'inspect', '--format', '{{.Digest}}', 'busybox');
  const names = ['localhost/busybox', 'localhost/busybox:latest', `localhost/busybox@${digest}`, id, id.slice(0, 5)];
  for (const name of [...names, `sha256:${id}`]) {
    assert.equal(await tspod.ok('image', 'inspect', '--format', '{{.Id}}', name), id, name);
    assert.equal((await tspod('image', 'exists', name)).exitCode, 0, name);
  }
  for (const name of ['nobody', 'localhost/busybox:1', 'docker.io/library/busybox', '0'.repeat(64)]) {
    assert.equal((await tspod('image', 'exists', name)).exitCode, 1, name);
  }
});

test('tag gives names, a name belongs to one image, and untag takes them', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(OTHER, 'localhost/other:1');
  await tspod.ok('tag', 'busybox', 'first', 'quay.io/a/b:c');
  assert.deepEqual(await rows(tspod, '--filter', 'label!=app', '--filter', 'dangling=false', '--sort', 'repository'), [
    'localhost/busybox:latest',
    'localhost/first:latest',
    'localhost/tspod/hello:latest',
    'quay.io/a/b:c',
  ]);
  await tspod.ok('tag', 'localhost/other:1', 'first');
  assert.deepEqual(await rows(tspod, 'first'), ['localhost/first:latest']);
  await tspod.ok('untag', 'localhost/other:1', 'first');
  await tspod.ok('untag', 'localhost/other:1');
  assert.deepEqual(await rows(tspod, '--filter', 'label=app=web'), ['<none>:<none>']);
  const { exitCode, stderr } = await tspod('untag', 'busybox', 'stranger');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"localhost\/stranger:latest" is not a name of the image "busybox": tag not known/);
  assert.match((await tspod('tag', 'busybox', 'UPPER')).stderr, /must be lower case/);
});

test('filters choose by label, name, age and being nameless', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(OTHER, 'quay.io/team/other:1.2');
  assert.deepEqual(await rows(tspod, '--filter', 'label=app'), ['quay.io/team/other:1.2']);
  assert.deepEqual(await rows(tspod, '--filter', 'label=app=web', '--filter', 'label=tier=2'), []);
  assert.deepEqual(await rows(tspod, '--filter', 'reference=other'), ['quay.io/team/other:1.2']);
  assert.deepEqual(await rows(tspod, '--filter', 'reference=*/other:1.*'), ['quay.io/team/other:1.2']);
  assert.deepEqual(await rows(tspod, 'quay.io/*/other'), ['quay.io/team/other:1.2']);
  assert.deepEqual(await rows(tspod, '--filter', 'dangling=true'), []);
  assert.deepEqual(await rows(tspod, '--filter', 'until=2020-01-01'), []);
  const { stderr } = await tspod('images', '--filter', 'colour=red');
  assert.match(stderr, /"colour" is not something to filter by/);
});

test(
  'rmi of one of several names takes the name, of the last one the image with all its content',
  { skip },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    await tspod.ok('images');
    const before = content(tspod);
    await tspod.load(busyboxImage(), 'localhost/busybox:latest');
    await tspod.load(OTHER, 'localhost/other:1');
    await tspod.ok('rmi', 'localhost/other:1');
    await tspod.ok('tag', 'busybox', 'second');
    const id = await tspod.ok('image', 'inspect', '--format', '{{.Id}}', 'busybox');
    assert.equal(await tspod.ok('rmi', 'busybox'), 'Untagged: localhost/busybox:latest');
    assert.equal(await tspod.ok('rmi', 'second'), `Untagged: localhost/second:latest\nDeleted: ${id}`);
    assert.deepEqual(content(tspod), before);
  },
);

test('an index of images that a killed process left half written is removed', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const half = join(tspod.store, 'index.json.0123456789abcdef.tmp');
  writeFileSync(half, '{');
  await tspod.ok('tag', 'busybox', 'second');
  assert.equal(existsSync(half), false);
});

test('rmi of an id with several names wants force', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('tag', 'busybox', 'second');
  const id = await tspod.ok('image', 'inspect', '--format', '{{.Id}}', 'busybox');
  const { exitCode, stderr } = await tspod('rmi', id.slice(0, 12));
  assert.equal(exitCode, 125);
  assert.match(
    stderr,
    /unable to delete image "[0-9a-f]{64}" by ID with more than one tag \(localhost\/busybox:latest, localhost\/second:latest\): please force removal/,
  );
  await tspod.ok('rmi', '--force', id.slice(0, 12));
  assert.equal((await tspod('image', 'exists', id)).exitCode, 1);
});

test('layers that another image needs stay when an image goes', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const [base = []] = busyboxImage().layers;
  await tspod.load({ layers: [base, [{ path: 'more', content: 'x' }]] }, 'localhost/derived:1');
  await tspod.ok('rmi', 'localhost/busybox');
  const layers = JSON.parse(
    await tspod.ok('image', 'inspect', '--format', '{{json .RootFS.Layers}}', 'localhost/derived:1'),
  ) as string[];
  for (const layer of layers) {
    assert.ok(readdirSync(join(tspod.store, 'layers', layer.replace('sha256:', ''))).length > 0);
  }
});

test('an image that a container uses is refused with status 2, and goes with --force', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const container = await tspod.ok('create', '--network', 'none', 'busybox', 'true');
  const { exitCode, stderr } = await tspod('rmi', 'busybox');
  assert.equal(exitCode, 2);
  assert.match(stderr, new RegExp(`image used by ${container}: image is in use by a container`));
  assert.equal((await tspod('image', 'exists', 'busybox')).exitCode, 0);
  await tspod.ok('rmi', '--force', 'busybox');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  assert.equal((await tspod('image', 'exists', 'busybox')).exitCode, 1);
});

test('rmi of an unknown image has status 1, and of several images removes those there are', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { exitCode, stdout, stderr } = await tspod('rmi', 'nobody', 'busybox');
  assert.equal(exitCode, 1);
  assert.match(stderr, /^Error: "nobody": image not known/);
  assert.match(stdout, /^Untagged: localhost\/busybox:latest\nDeleted: [0-9a-f]{64}$/);
  await tspod.ok('rmi', '--ignore', 'nobody');
});

test('rmi --all empties the store, and the built-in image comes back when it is run', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('rmi', '--all', '--force');
  assert.equal(await tspod.ok('images', '--quiet'), '');
  assert.deepEqual(content(tspod), []);
  assert.deepEqual(
    (JSON.parse(readFileSync(join(tspod.store, 'index.json'), 'utf8')) as { manifests: unknown }).manifests,
    [],
  );
  await tspod.ok('run', '--rm', '--network', 'none', 'localhost/tspod/hello');
  assert.match(await tspod.ok('images'), /localhost\/tspod\/hello/);
});

test('rmi of the two names of an image at once leaves nothing of it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('tag', 'busybox', 'localhost/other');
  const id = await tspod.ok('images', '--quiet', 'busybox');
  const lock = await holdLock(join(tspod.store, 'blobs'));
  const removals = ['busybox', 'localhost/other'].map((name) => tspod.start('rmi', name));
  const ends = removals.map((removal) => finish(removal));
  for (const removal of removals) await lock.untilReachedBy(removal);
  await lock.release();
  for (const { stderr, exitCode } of await Promise.all(ends)) assert.deepEqual([stderr, exitCode], ['', 0]);
  assert.equal((await tspod('image', 'exists', id)).exitCode, 1);
});
