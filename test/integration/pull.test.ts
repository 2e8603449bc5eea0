/** What `tspod pull` gets from a real registry, and what it says meanwhile. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { makeFakeImage, startFakeRegistry } from '../support/fake-registry.ts';
import { busyboxImage, manyLayersImage, smallImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { openTerminal } from '../support/terminal.ts';
import { writeTar } from '../support/tar.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

const skip = missing('registry', 'subuid');
const ID = /^[0-9a-f]{64}$/;

let registry: Registry;
let busybox: string;

before(async () => {
  if (skip) return;
  registry = await startRegistry();
  busybox = await registry.push(busyboxImage(), 'busybox:latest');
});

test('pull prints the image id alone, and its progress in lines elsewhere', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { stdout, stderr, exitCode } = await tspod('pull', busybox);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, ID);
  assert.match(stderr, /^Trying to pull localhost:[0-9]+\/busybox:latest\.\.\.$/m);
  assert.match(stderr, /^Copying blob sha256:[0-9a-f]{64}$/m);
  assert.match(stderr, /^Copying config sha256:[0-9a-f]{64}$/m);
  const again = await tspod('pull', busybox);
  assert.equal(again.stdout, stdout);
  assert.match(again.stderr, /^Copying blob sha256:[0-9a-f]{64} skipped: already exists$/m);
});

test('run and create show the pull of their image, and nothing of it with --quiet', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const name = await registry.push(smallImage(), 'to-run:latest');
  const shown =
    /^Trying to pull localhost:[0-9]+\/to-run:latest\.\.\.\n(Copying blob sha256:[0-9a-f]{64}\n){2}Copying config sha256:[0-9a-f]{64}$/;
  const created = await tspod('create', '--network', 'none', name, 'x');
  assert.match(created.stderr, shown);
  assert.match(created.stdout, ID);
  await tspod.ok('rmi', '--force', name);
  assert.match(
    (await tspod('run', '--rm', '--network', 'none', name, 'x')).stderr,
    new RegExp(shown.source.slice(0, -1)),
  );
  await tspod.ok('rmi', '--force', name);
  assert.equal((await tspod('create', '--quiet', '--network', 'none', name, 'x')).stderr, '');
  assert.equal((await tspod('create', '--network', 'none', name, 'x')).stderr, '');
});

test('on a terminal the bars are there before the output of the container', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const name = await registry.push(busyboxImage({ Labels: { only: 'here' } }), 'on-a-terminal:latest');
  const command = ['--network', 'none', '--rm', '-it', name, 'sh', '-c', 'echo begin $(expr 1 + 1) end'];
  const terminal = openTerminal(t, [tspod.program, 'run', ...command], tspod.env);
  await terminal.shows(/Copying blob [0-9a-f]{12} [^]*Copying config [0-9a-f]{12} done[^]*begin 2 end/);
  assert.equal(await terminal.exit, 0);
});

test('pull --quiet prints the image id and nothing else', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { stdout, stderr } = await tspod('pull', '--quiet', '--tls-verify=false', busybox);
  assert.match(stdout, ID);
  assert.equal(stderr, '');
});

test('pull reads gzip, zstd and plain layers, in OCI and in Docker manifests', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const names = [
    await registry.push(smallImage('gzip'), 'gzip:1'),
    await registry.push(smallImage('zstd'), 'zstd:1'),
    await registry.push(smallImage('none'), 'plain:1'),
    await registry.push(smallImage('gzip'), 'docker:1', { format: 'v2s2' }),
  ];
  for (const name of names) assert.match(await tspod.ok('pull', '--quiet', name), ID);
  const repositories = await tspod.ok('images', '--format', '{{.Repository}}');
  for (const name of names) assert.ok(repositories.split('\n').includes(name.slice(0, name.lastIndexOf(':'))), name);
});

test('pull takes a digest', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const response = await fetch(`http://${registry.host}/v2/busybox/manifests/latest`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  const digest = response.headers.get('docker-content-digest') ?? '';
  const id = await tspod.ok('pull', '--quiet', `${registry.host}/busybox@${digest}`);
  assert.match(id, ID);
  assert.equal(await tspod.ok('pull', '--quiet', '--policy=never', `${registry.host}/busybox@${digest}`), id);
  const wrong = await tspod('pull', '--quiet', `${registry.host}/busybox@sha256:${'0'.repeat(64)}`);
  assert.equal(wrong.exitCode, 125);
  assert.match(wrong.stderr, /^Error: no image "localhost:.*\/busybox@sha256:0+" on its registry$/m);
});

test('pull gets an image of 127 layers', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const name = await registry.push(manyLayersImage(), 'many-layers:latest');
  assert.match(await tspod.ok('pull', '--quiet', name), ID);
});

test('pull --platform chooses from an index', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const put = async (tag: string, body: string, type: string) => {
    const response = await fetch(`http://${registry.host}/v2/multi/manifests/${tag}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': type },
    });
    assert.equal(response.status, 201, await response.text());
  };
  const manifests = [];
  const type = 'application/vnd.oci.image.manifest.v1+json';
  for (const [architecture, variant] of [['amd64'], ['arm', 'v6'], ['arm', 'v7']]) {
    const name = `multi:${architecture ?? ''}${variant ?? ''}`;
    await registry.push(smallImage(), name);
    const response = await fetch(`http://${registry.host}/v2/${name.replace(':', '/manifests/')}`, {
      headers: { accept: type },
    });
    const size = Buffer.from(await response.arrayBuffer()).length;
    const digest = response.headers.get('docker-content-digest');
    manifests.push({ mediaType: type, digest, size, platform: { os: 'linux', architecture, variant } });
  }
  const indexType = 'application/vnd.oci.image.index.v1+json';
  await put('all', JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }), indexType);

  const name = `${registry.host}/multi:all`;
  const v7 = await tspod.ok('pull', '--quiet', '--platform', 'linux/arm/v7', name);
  const v6 = await tspod.ok('pull', '--quiet', '--arch', 'arm', '--variant', 'v6', name);
  const amd64 = await tspod.ok('pull', '--quiet', '--arch', 'amd64', name);
  assert.equal(new Set([v7, v6, amd64]).size, 3);
  const none = await tspod('pull', '--platform', 'linux/riscv64', name);
  assert.equal(none.exitCode, 125);
  assert.match(
    none.stderr,
    /has no image for "linux\/riscv64"\n {2}It is there for: linux\/amd64, linux\/arm\/v6, linux\/arm\/v7/,
  );
});

test('pull --all-tags gets every tag of a repository', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await registry.push(smallImage(), 'tags:one');
  await registry.push(smallImage(), 'tags:two');
  const ids = await tspod.ok('pull', '--quiet', '--all-tags', `${registry.host}/tags`);
  assert.equal(ids.split('\n').length, 2);
});

test('pull --all-tags takes no tag that is none for the name of an image', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const fake = await startFakeRegistry(t, makeFakeImage([writeTar([])]), (request, response) => {
    if (request.url?.endsWith('/tags/list') !== true) return false;
    response.end(JSON.stringify({ tags: ['\u001b[31mred'] }));
    return true;
  });
  const { exitCode, stderr } = await tspod('pull', '--all-tags', `${fake.host}/app`);
  assert.equal(exitCode, 125);
  assert.match(stderr, /"\?\[31mred" is not a tag/);
  assert.equal(await tspod.ok('images', '--quiet', `${fake.host}/app`), '');
});

test('pull --policy says when the registry is asked', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const name = await registry.push(smallImage(), 'policy:latest');
  const never = await tspod('pull', '--policy=never', name);
  assert.equal(never.exitCode, 125);
  assert.match(never.stderr, /^Error: no image ".*\/policy:latest" in the store\n {2}try: tspod pull /);
  const first = await tspod.ok('pull', '--quiet', '--policy=missing', name);
  await registry.push(smallImage(), 'policy:latest');
  assert.equal(await tspod.ok('pull', '--quiet', '--policy=missing', name), first);
  const newer = await tspod.ok('pull', '--quiet', '--policy=newer', name);
  assert.notEqual(newer, first);
  assert.equal(await tspod.ok('pull', '--quiet', '--policy=newer', name), newer);
});
