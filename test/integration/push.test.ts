/** `tspod push` to a real registry, read back by others; and to archives. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test, type TestContext } from 'node:test';
import { busyboxImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startGate } from '../support/registry-gate.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { eventually, tspodWithBusybox, tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('registry', 'subuid');
const OCI = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json';

interface Manifest {
  readonly mediaType: string;
  readonly layers: readonly { readonly mediaType: string; readonly digest: string }[];
}

let registry: Registry;

before(async () => {
  if (!skip) registry = await startRegistry();
});

/** An image `localhost/made` of busybox and a layer of its own, which the store has uncompressed. */
async function withMadeImage(t: TestContext): Promise<Tspod> {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', 'echo made >/made');
  await tspod.ok('commit', '--quiet', 'c', 'made');
  return tspod;
}

async function read(reference: string): Promise<{ readonly bytes: Buffer; readonly manifest: Manifest }> {
  const [name = '', tag = ''] = reference.split(/:(?=[^:/]*$)/);
  const [host = '', ...path] = name.split('/');
  const answer = await fetch(`http://${host}/v2/${path.join('/')}/manifests/${tag}`, {
    headers: { accept: `${OCI}, ${DOCKER}` },
  });
  assert.equal(answer.status, 200, reference);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { bytes, manifest: JSON.parse(bytes.toString()) as Manifest };
}

test('what was committed is pushed, pulled by another user, and run there', { skip }, async (t) => {
  const tspod = await withMadeImage(t);
  const name = `${registry.host}/team/app:1`;
  const digestFile = join(tspod.folder, 'digest');
  const { stdout, stderr } = await tspod('push', '--digestfile', digestFile, 'made', name);
  assert.equal(stdout, '');
  assert.match(stderr, /^(Copying blob sha256:[0-9a-f]{64}\n){2}Copying config sha256:[0-9a-f]{64}\nWriting manifest/);
  const idTold = stderr
    .split('\n')
    .findLast((line) => line.includes(':'))
    ?.replace(/.*:/, '');
  assert.equal(idTold, await tspod.ok('image', 'inspect', '--format', '{{.Id}}', 'made'));
  const { bytes, manifest } = await read(name);
  assert.equal(readFileSync(digestFile, 'utf8'), `sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  assert.equal(manifest.mediaType, OCI);
  for (const { mediaType } of manifest.layers) assert.match(mediaType, /tar\+gzip$/);

  const other = await tspodWithEmptyStore(t);
  const id = await other.ok('pull', '--quiet', name);
  assert.equal(id, await tspod.ok('image', 'inspect', '--format', '{{.ID}}', 'made'));
  assert.equal(await other.ok('run', '--rm', '--network', 'none', name, 'cat', '/made'), 'made');
  const events = await tspod.ok('events', '--stream=false', '--filter', 'event=push', '--format', '{{.Name}}');
  assert.equal(events, name);
});

test('an image that was pulled goes back as it came, and layers that are there are not sent', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const name = await registry.push(busyboxImage(), 'origin/busybox:1', { format: 'v2s2' });
  const before = await read(name);
  await tspod.ok('pull', '--quiet', name);
  assert.match((await tspod('push', name)).stderr, /^Copying blob sha256:[0-9a-f]{64} skipped: already exists$/m);
  // Another repository has it: the registry takes it from there.
  const mounted = `${registry.host}/copies/busybox:2`;
  assert.match(
    (await tspod('push', name, mounted)).stderr,
    /^Copying blob sha256:[0-9a-f]{64} skipped: already exists$/m,
  );
  assert.deepEqual((await read(mounted)).bytes, before.bytes);
  assert.deepEqual((await read(name)).bytes, before.bytes);
  await tspod.ok('tag', name, `${registry.host}/own/name:3`);
  await tspod.ok('image', 'push', '--quiet', `${registry.host}/own/name:3`);
  assert.deepEqual((await read(`${registry.host}/own/name:3`)).bytes, before.bytes);
});

test('--format and --compression-format say what arrives', { skip }, async (t) => {
  const tspod = await withMadeImage(t);
  const push = async (name: string, ...flags: string[]) => {
    await tspod.ok('push', '--quiet', ...flags, 'made', `docker://${registry.host}/${name}`);
    const { manifest } = await read(`${registry.host}/${name}`);
    return [manifest.mediaType, ...new Set(manifest.layers.map(({ mediaType }) => mediaType))];
  };
  assert.deepEqual(await push('docker:1', '--format', 'v2s2'), [
    DOCKER,
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
  ]);
  const zstd = ['--compression-format', 'zstd', '--compression-level', '19'];
  assert.deepEqual(await push('zstd:1', ...zstd), [OCI, 'application/vnd.oci.image.layer.v1.tar+zstd']);
  const other = await tspodWithEmptyStore(t);
  await other.ok('pull', '--quiet', `${registry.host}/zstd:1`);
  assert.equal(await other.ok('run', '--rm', '--network', 'none', `${registry.host}/zstd:1`, 'cat', '/made'), 'made');
  const [, layers] = await push('zstd:2', '--compression-format', 'zstd:chunked', '--compression-level', '19');
  assert.equal(layers, 'application/vnd.oci.image.layer.v1.tar+zstd');
  assert.deepEqual(await push('docker:2', '--format', 'docker'), await push('docker:1', '--format', 'v2s2'));
  const old = await tspod('push', '--format', 'v2s1', 'made', `${registry.host}/x`);
  assert.equal(
    old.stderr,
    'Error: invalid argument "v2s1" for "-f, --format" flag: it is schema 1, which is not written: registries no longer take it\n' +
      "  Choose OCI's manifest or Docker's newer one: --format oci, or --format v2s2",
  );
  assert.equal(old.exitCode, 125);
  const both = await tspod('push', ...zstd, '--format', 'v2s2', 'made', `${registry.host}/x`);
  assert.deepEqual([both.exitCode, /^Error: Docker's format has no layers in zstd$/m.test(both.stderr)], [125, true]);
  assert.doesNotMatch(both.stderr, /Copying/);
});

test('push says what it cannot do, and leaves nothing', { skip }, async (t) => {
  const tspod = await withMadeImage(t);
  const id = await tspod.ok('image', 'inspect', '--format', '{{.ID}}', 'made');
  const zeros = `sha256:${'0'.repeat(64)}`;
  const { host } = registry;
  for (const [words, message] of [
    [['nobody'], /^Error: no image "nobody" in the store/],
    [['made'], /"localhost\/made:latest" is on no registry: .*\n {2}try: tspod push made REGISTRY\/made:latest$/m],
    [[id], /is the id of an image, and says not where/],
    [['made', 'UPPER'], /"UPPER"/],
    [['made', 'docker-daemon:made:1'], /"docker-daemon:made:1" is neither on a registry nor an archive/],
    [['made', 'oci-archive:'], /"oci-archive:" names no file/],
    [['made', `${host}/app@${zeros}`], /has the digest "sha256:.*cannot be pushed as "sha256:0/],
    [['--compress', 'made', `${host}/app`], /--compress can be set only when pushing to a directory/],
    [['--compression-level', '20', 'made', `${host}/app`], /more than the 9 of gzip/],
    [['--digestfile', '/no/such/file', 'made', `${host}/app`], /cannot write the digest to "\/no\/such\/file"/],
    [['--retry', '0', 'made', 'localhost:1/app'], /cannot reach the registry "localhost:1"/],
  ] as const) {
    const { stderr, stdout, exitCode } = await tspod('push', ...words);
    assert.match(stderr, message, words.join(' '));
    assert.deepEqual([stdout, exitCode], ['', 125], words.join(' '));
  }
  assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
});

test('a push that is killed leaves the name as it was, and the next one goes through', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const fill = 'for n in 1 2 3 4; do head -c 30000000 /dev/urandom >/big$n; done';
  await tspod.ok('run', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', fill);
  await tspod.ok('commit', '--quiet', 'c', 'big');
  const name = `${registry.host}/killed:1`;
  await tspod.ok('push', '--quiet', 'busybox', name);
  const before = await read(name);
  const staging = join(tspod.store, 'staging');
  const compressed = () =>
    readdirSync(staging)
      .flatMap((one) => readdirSync(join(staging, one)))
      .some((file) => /^[0-9a-f]{64}$/.test(file));
  const child = tspod.start('push', '--quiet', 'big', name);
  await eventually(() => child.exitCode !== null || (existsSync(staging) && compressed()), 'it compresses');
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.deepEqual((await read(name)).bytes, before.bytes);
  await tspod.ok('push', '--quiet', 'big', name);
  assert.deepEqual(readdirSync(staging), []);
  const other = await tspodWithEmptyStore(t);
  await other.ok('pull', '--quiet', name);
  assert.equal(await other.ok('run', '--rm', '--network', 'none', name, 'stat', '-c', '%s', '/big4'), '30000000');
});

test('an image that is removed while it is pushed arrives whole', { skip }, async (t) => {
  const tspod = await withMadeImage(t);
  const proxy = await startGate(t, registry.host);
  const pushing = tspod('push', '--quiet', 'made', `${proxy.host}/removed:1`);
  await proxy.arrived;
  await tspod.ok('rmi', '--force', 'made', 'busybox');
  proxy.open();
  const { exitCode, stderr } = await pushing;
  assert.deepEqual([exitCode, stderr], [0, '']);
  const other = await tspodWithEmptyStore(t);
  await other.ok('pull', '--quiet', `${registry.host}/removed:1`);
  assert.equal(
    await other.ok('run', '--rm', '--network', 'none', `${registry.host}/removed:1`, 'cat', '/made'),
    'made',
  );
});

test('a layer that is damaged in the store, or gone from it, is named at once', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const name = await registry.push(busyboxImage(), 'damaged/busybox:1');
  await tspod.ok('pull', '--quiet', name);
  const digest = (await read(name)).manifest.layers[0]?.digest ?? '';
  const blob = join(tspod.store, 'blobs/sha256', digest.replace('sha256:', ''));
  const elsewhere = await startRegistry();
  t.after(() => elsewhere.stop());
  truncateSync(blob, 1000);
  const damaged = await tspod('push', name, `${elsewhere.host}/a`);
  assert.match(
    damaged.stderr,
    new RegExp(`^Error: the blob "${digest}" is damaged in the store ".*"\n {2}.*tspod rmi$`),
  );
  rmSync(blob);
  const gone = await tspod('push', name, `${elsewhere.host}/a`);
  assert.match(gone.stderr, new RegExp(`^Error: the blob "${digest}" is gone from the store ".*"\n {2}.*tspod rmi$`));
  assert.deepEqual([damaged.exitCode, gone.exitCode], [125, 125]);
});

test('a registry with a password takes images from who knows it', { skip }, async (t) => {
  const htpasswd = {
    line: 'alice:$2b$04$RkJMiGTmTwW9m8rZR4JOueKizBFaL3XVfnMBekeE5u56ezm2RccC6',
    user: 'alice',
    password: 'secret',
  };
  const closed = await startRegistry({ htpasswd });
  t.after(() => closed.stop());
  const tspod = await tspodWithBusybox(t);
  const name = `${closed.host}/private/app:1`;
  const stranger = await tspod('push', 'busybox', name);
  assert.equal(stranger.exitCode, 125);
  assert.match(stranger.stderr, /lets nobody push ".*\/private\/app" without a login\n {2}.*tspod login localhost:/);
  const wrong = await tspod('push', '--creds', 'alice:wrong', 'busybox', name);
  assert.equal(wrong.exitCode, 125);
  assert.match(wrong.stderr, /does not let "alice" push ".*\/private\/app"\n {2}.*tspod login localhost:/);
  await tspod.ok('login', '--username', 'alice', '--password', 'secret', closed.host);
  await tspod.ok('push', '--quiet', 'busybox', name);
  const other = await tspodWithEmptyStore(t);
  await other.ok('pull', '--quiet', '--creds', 'alice:secret', name);
});

test('other destinations are archives and directories, which pull and tar read', { skip }, async (t) => {
  const tspod = await withMadeImage(t);
  const at = (name: string) => join(tspod.folder, name);
  mkdirSync(at('dir'));
  writeFileSync(at('empty'), '');
  for (const [destination, back] of [
    [`docker-archive:${at('empty')}:named:1`, `docker-archive:${at('empty')}:docker.io/library/named:1`],
    [`oci-archive:${at('oci.tar')}:1`, `oci-archive:${at('oci.tar')}:1`],
    [`oci:${at('layout')}:1`, `oci:${at('layout')}:1`],
    [`dir:${at('dir')}`, `dir:${at('dir')}`],
  ] as const) {
    await tspod.ok('push', '--quiet', 'made', destination);
    const other = await tspodWithEmptyStore(t);
    const id = await other.ok('pull', '--quiet', back);
    assert.equal(id, await tspod.ok('image', 'inspect', '--format', '{{.ID}}', 'made'), destination);
  }
  assert.match(execFileSync('tar', ['-tf', at('empty')]).toString(), /^manifest\.json$/m);
  assert.ok(readFileSync(join(at('dir'), 'manifest.json'), 'utf8').includes(OCI));
  await tspod.ok('push', '--quiet', '--compression-format', 'zstd', 'made', `dir:${at('plain')}`);
  assert.ok(readFileSync(join(at('plain'), 'manifest.json'), 'utf8').includes('layer.v1.tar"'));
  for (const [kind, blobs, ...flags] of [
    ['oci', 'blobs/sha256'],
    ['dir', '', '--compress'],
  ] as const) {
    const folder = at(`${kind}-zstd`);
    await tspod.ok('push', '--quiet', ...flags, '--compression-format', 'zstd', 'made', `${kind}:${folder}`);
    const files = readdirSync(join(folder, blobs)).map((name) => readFileSync(join(folder, blobs, name)));
    assert.equal(files.filter((file) => file.readUInt32LE() === 0xfd2fb528).length, 2, kind);
    const other = await tspodWithEmptyStore(t);
    await other.ok('pull', '--quiet', `${kind}:${folder}`);
  }
  for (const taken of [`docker-archive:${at('empty')}`, `oci:${at('layout')}:2`]) {
    const { stderr, exitCode } = await tspod('push', 'made', taken);
    assert.deepEqual([exitCode, /already/.test(stderr)], [125, true], stderr);
  }
});
