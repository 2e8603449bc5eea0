import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { busyboxImage, manyLayersImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

async function withImages(t: TestContext) {
  const tspod = await tspodWithBusybox(t);
  const first = { path: 'motd', content: 'first\n' };
  await tspod.load({ ...busyboxImage(), layers: [[first]] }, 'localhost/single:latest');
  await tspod.load(
    { ...busyboxImage(), layers: [[first], [{ path: 'motd', content: 'second\n' }]] },
    'localhost/double',
  );
  return tspod;
}

test('an image is mounted as it is, and cannot be written', { skip: missing('overlay') }, async (t) => {
  const tspod = await withImages(t);
  for (const [image, text] of [
    ['single', 'first'],
    ['double', 'second'],
  ]) {
    const mount = ['--mount', `type=image,source=${String(image)},target=/img`];
    assert.equal(await tspod.ok(...run, ...mount, 'busybox', 'cat', '/img/motd'), text);
    const { exitCode, stderr } = await tspod(...run, ...mount, 'busybox', 'touch', '/img/new');
    assert.equal(exitCode, 1);
    assert.match(stderr, /Read-only file system/);
  }
});

test('what a privileged container makes writable is not the image', { skip: missing('overlay') }, async (t) => {
  const tspod = await withImages(t);
  const script = 'mount -o remount,bind,rw /img; touch /img/new; true';
  for (const image of ['single', 'double']) {
    const mount = ['--mount', `type=image,source=${image},target=/img`];
    await tspod(...run, '--privileged', ...mount, 'busybox', 'sh', '-c', script);
    assert.equal(await tspod.ok(...run, ...mount, 'busybox', 'ls', '/img'), 'motd');
  }
});

test('with rw the container may write, until its next start', { skip: missing('overlay') }, async (t) => {
  const tspod = await withImages(t);
  const mount = ['--mount', 'type=image,src=single,dst=/img,rw=true'];
  const script = 'ls /img; rm /img/motd; touch /img/new; ls /img';
  await tspod.ok('create', '--name', 'c', '--network', 'none', ...mount, 'busybox', 'sh', '-c', script);
  assert.equal(await tspod.ok('start', '--attach', 'c'), 'motd\nnew');
  assert.equal(await tspod.ok('start', '--attach', 'c'), 'motd\nnew');
  assert.equal(
    await tspod.ok('inspect', '--format', '{{range .Mounts}}{{.Type}} {{.Source}} {{.RW}}{{end}}', 'c'),
    'image single true',
  );
});

test('of an image one directory can be seen alone', { skip: missing('overlay') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const base = {
    ...busyboxImage(),
    layers: [
      [
        { path: 'a/b/c', content: 'c' },
        { path: 'way', type: 'symlink' as const, link: '/a' },
      ],
    ],
  };
  await tspod.load(base, 'localhost/deep');
  for (const [subpath, options] of [
    ['a/b', ''],
    ['/a/b/', ',rw=true'],
    ['way/b', ''],
    ['../../a/b', ''],
  ]) {
    const mount = ['--mount', `type=image,src=deep,dst=/img,subpath=${String(subpath)}${String(options)}`];
    assert.equal(await tspod.ok(...run, ...mount, 'busybox', 'ls', '/img'), 'c', subpath);
    const isWritten = (await tspod(...run, ...mount, 'busybox', 'touch', '/img/new')).exitCode === 0;
    assert.equal(isWritten, options !== '', subpath);
  }
  for (const subpath of ['absent', 'a/b/c']) {
    const { exitCode, stderr } = await tspod(
      ...run,
      '--mount',
      `type=image,src=deep,dst=/img,subpath=${subpath}`,
      'busybox',
      'true',
    );
    assert.equal(exitCode, 125);
    assert.match(stderr, new RegExp(`the image that is mounted on "/img" has no directory "${subpath}" to show`));
  }
});

test('an image of 127 layers can be mounted', { skip: missing('overlay') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(manyLayersImage(), 'localhost/many');
  assert.equal(await tspod.ok(...run, '--mount', 'type=image,src=many,dst=/img', 'busybox', 'cat', '/img/last'), '127');
});

test('an image that a container mounts is in use', async (t) => {
  const tspod = await withImages(t);
  await tspod.ok('create', '--name', 'c', '--mount', 'type=image,src=single,dst=/img', 'busybox', 'true');
  const { exitCode, stderr } = await tspod('rmi', 'single');
  assert.equal(exitCode, 2);
  assert.match(stderr, /image is in use by a container/);
  await tspod.ok('image', 'prune', '--all', '--force');
  await tspod.ok('image', 'exists', 'single');
  assert.equal((await tspod('image', 'exists', 'double')).exitCode, 1);
});

test('an image that is not in the store cannot be mounted', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { exitCode, stderr } = await tspod(...run, '--mount', 'type=image,src=none,dst=/img', 'busybox', 'true');
  assert.equal(exitCode, 125);
  assert.match(stderr, /no image "none" in the store\n.*tspod pull none/);
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('a glob mounts each file that it fits', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const folder = join(tspod.folder, 'share');
  for (const name of ['a', 'b', 'b/deep']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['a/one.txt', 'b/two.txt', 'b/.txt', 'b/three.md']) writeFileSync(join(folder, name), `${name}\n`);
  const list = ['busybox', 'sh', '-c', 'cd /h; ls -A; cat *.txt'];
  assert.equal(
    await tspod.ok(...run, '--mount', 'type=glob,src=share/*/*.txt,dst=/h', ...list),
    '.txt\none.txt\ntwo.txt\na/one.txt\nb/two.txt',
  );
  assert.equal(
    await tspod.ok(...run, '--mount', `type=glob,src=${folder}/[^a]*,ro`, 'busybox', 'ls', join(folder, 'b')),
    'deep\nthree.md\ntwo.txt',
  );
  assert.deepEqual(readdirSync(folder), ['a', 'b']);
});

test('a glob that fits nothing is refused', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { exitCode, stderr } = await tspod(...run, '--mount', 'type=glob,src=/no/such*', 'busybox', 'true');
  assert.equal(exitCode, 125);
  assert.match(stderr, /no file paths matching glob "\/no\/such\*"/);
});
