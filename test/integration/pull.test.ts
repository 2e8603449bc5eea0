/** `tspod pull` against a real registry, and against one that misbehaves. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { makeCertificates } from '../support/certificates.ts';
import { makeFakeImage, startFakeRegistry } from '../support/fake-registry.ts';
import { busyboxImage, manyLayersImage, type TestImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { openTerminal } from '../support/terminal.ts';
import { writeTar } from '../support/tar.ts';
import { tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('registry', 'subuid');
/** Password "secret". */
const HTPASSWD = {
  line: 'alice:$2b$04$RkJMiGTmTwW9m8rZR4JOueKizBFaL3XVfnMBekeE5u56ezm2RccC6',
  user: 'alice',
  password: 'secret',
};
const ID = /^[0-9a-f]{64}$/;

let registry: Registry;
let busybox: string;

before(async () => {
  if (skip) return;
  registry = await startRegistry();
  busybox = await registry.push(busyboxImage(), 'busybox:latest');
});

/** A small image that differs from every other. */
function smallImage(compression: NonNullable<TestImage['compression']> = 'gzip'): TestImage {
  return {
    layers: [[{ path: 'random', content: randomBytes(100_000) }], [{ path: 'other', content: randomBytes(100_000) }]],
    compression,
  };
}

/** Nothing of an image from a registry is there, whole or half made. */
async function assertNothingStored(tspod: Tspod): Promise<void> {
  assert.doesNotMatch(await tspod.ok('images', '--format', '{{.Repository}}'), /:[0-9]+\//);
  const namesIn = (folder: string) => readdir(join(tspod.store, folder)).catch(() => []);
  assert.deepEqual(await namesIn('staging'), []);
  const halfMade = (await namesIn('layers')).filter((name) => name.startsWith('.'));
  assert.deepEqual(halfMade, []);
}

test('pull prints the image id alone, and its progress in lines elsewhere', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { stdout, stderr, exitCode } = await tspod('pull', busybox);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, ID);
  assert.match(stderr, /^Trying to pull localhost:[0-9]+\/busybox:latest\.\.\.$/m);
  assert.match(stderr, /^Copying blob [0-9a-f]{12} done$/m);
  assert.match(stderr, /^Copying config [0-9a-f]{12} done$/m);
  const again = await tspod('pull', busybox);
  assert.equal(again.stdout, stdout);
  assert.match(again.stderr, /^Copying blob [0-9a-f]{12} skipped: already exists$/m);
});

test('run and create show the pull of their image, and nothing of it with --quiet', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const name = await registry.push(smallImage(), 'to-run:latest');
  const shown =
    /^Trying to pull localhost:[0-9]+\/to-run:latest\.\.\.\n(Copying blob [0-9a-f]{12} done\n){2}Copying config [0-9a-f]{12} done$/;
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

test(
  'short names are resolved by registries.conf, through aliases, search registries and mirrors',
  { skip },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    const folder = join(tspod.env['XDG_CONFIG_HOME'] ?? '', 'containers');
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'registries.conf'),
      `unqualified-search-registries = ["127.0.0.1:1", "${registry.host}"]
[aliases]
"bb" = "example.invalid/team/tspod-test-app"
[[registry]]
prefix = "example.invalid/team"
[[registry.mirror]]
location = "${registry.host}"
insecure = true
[[registry]]
location = "blocked.invalid"
blocked = true
`,
    );
    await registry.push(smallImage(), 'tspod-test-app:latest'); // No distribution has an alias for it.
    const id = await tspod.ok('pull', '--quiet', 'tspod-test-app');
    assert.match(
      await tspod.ok('images', '--format', '{{.Repository}}'),
      new RegExp(`^${registry.host}/tspod-test-app$`, 'm'),
    );
    assert.equal(await tspod.ok('pull', '--quiet', 'bb'), id);
    assert.match(await tspod.ok('images', '--format', '{{.Repository}}'), /^example\.invalid\/team\/tspod-test-app$/m);
    const blocked = await tspod('pull', 'blocked.invalid/x');
    assert.equal(blocked.exitCode, 125);
    assert.match(blocked.stderr, /is blocked by registries\.conf/);
  },
);

test('localhost/ never leaves the machine', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { exitCode, stderr } = await tspod('pull', 'localhost/app');
  assert.equal(exitCode, 125);
  assert.match(stderr, /^Error: no image "localhost\/app:latest" on this machine$/m);
});

test('an image below localhost/ that is not as it was asked for is told to be here', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.load(busyboxImage(), 'localhost/app:latest');
  const own = arch() === 'arm64' ? 'arm64' : 'amd64';
  const name = 'the image "localhost/app:latest"';
  for (const [flags, reason] of [
    [
      '--pull=always',
      `${name} is of this machine alone, and no registry has it\n  It is here already: leave out --pull.`,
    ],
    [
      '--platform=linux/s390x',
      `${name} is for linux/${own}, not for linux/s390x\n  Names below localhost/ are never fetched`,
    ],
  ] as const) {
    const { exitCode, stderr } = await tspod('run', flags, 'localhost/app', 'true');
    assert.ok(stderr.startsWith(`Error: ${reason}`), stderr);
    assert.equal(exitCode, 125);
  }
});

test('a registry with a password lets in who knows it', { skip }, async (t) => {
  const closed = await startRegistry({ htpasswd: HTPASSWD });
  t.after(() => closed.stop());
  const name = await closed.push(smallImage(), 'private/app:1');
  const tspod = await tspodWithEmptyStore(t);

  const stranger = await tspod('pull', name);
  assert.equal(stranger.exitCode, 125);
  assert.match(stranger.stderr, /does not show "localhost:.*\/private\/app:1" without a login, or has no such image/);
  const wrong = await tspod('pull', '--creds', 'alice:wrong', name);
  assert.equal(wrong.exitCode, 125);
  assert.match(wrong.stderr, /refuses the credentials of "alice"\n {2}.*tspod login localhost:/);
  assert.match(await tspod.ok('pull', '--quiet', '--creds', 'alice:secret', name), ID);

  const auths = { [`${closed.host}/private`]: { auth: Buffer.from('alice:secret').toString('base64') } };
  const authFile = join(tspod.folder, 'auth.json');
  await writeFile(authFile, JSON.stringify({ auths }));
  assert.match(await tspod.ok('pull', '--quiet', '--authfile', authFile, name), ID);
  await mkdir(join(tspod.env['XDG_RUNTIME_DIR'] ?? '', 'containers'));
  await cp(authFile, join(tspod.env['XDG_RUNTIME_DIR'] ?? '', 'containers/auth.json'));
  assert.match(await tspod.ok('pull', '--quiet', name), ID);
});

test('credentials come from each of the files of Podman and Docker', { skip }, async (t) => {
  const closed = await startRegistry({ htpasswd: HTPASSWD });
  t.after(() => closed.stop());
  const name = await closed.push(smallImage(), 'private/app:1');
  const tspod = await tspodWithEmptyStore(t);
  const auths = { [closed.host]: { auth: Buffer.from('alice:secret').toString('base64') } };
  const { HOME = '', XDG_CONFIG_HOME = '', XDG_RUNTIME_DIR = '' } = tspod.env;
  const docker = join(HOME, '.docker/config.json');
  for (const file of [
    join(XDG_RUNTIME_DIR, 'containers/auth.json'),
    join(XDG_CONFIG_HOME, 'containers/auth.json'),
    docker,
  ]) {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, JSON.stringify({ auths }));
    assert.match(await tspod.ok('pull', '--quiet', name), ID, file);
    await rm(file);
    assert.equal((await tspod('pull', '--quiet', name)).exitCode, 125);
  }
  await writeFile(docker, JSON.stringify({ credsStore: 'tspod-absent' }));
  assert.match((await tspod('pull', name)).stderr, /helper "docker-credential-tspod-absent" is not installed/);
  await writeFile(docker, '{');
  assert.match(
    (await tspod('pull', name)).stderr,
    /config\.json" is malformed: it is not JSON\n {2}Repair or remove it/,
  );
});

test('a credential helper is asked for the registry', { skip }, async (t) => {
  const closed = await startRegistry({ htpasswd: HTPASSWD });
  t.after(() => closed.stop());
  const name = await closed.push(smallImage(), 'private/app:1');
  const helpers = await mkdtemp(join(tmpdir(), 'tspod-helpers-'));
  t.after(() => rm(helpers, { recursive: true }));
  const script = `#!/bin/sh\nread host\n[ "$1 $host" = "get ${closed.host}" ] && echo '{"Username":"alice","Secret":"secret"}'\n`;
  await writeFile(join(helpers, 'docker-credential-test'), script, { mode: 0o755 });
  const tspod = await tspodWithEmptyStore(t, { env: { PATH: `${helpers}:${process.env['PATH'] ?? ''}` } });
  const docker = join(tspod.env['HOME'] ?? '', '.docker/config.json');
  await mkdir(join(docker, '..'));
  for (const settings of [{ credHelpers: { [closed.host]: 'test' } }, { credsStore: 'test' }]) {
    await writeFile(docker, JSON.stringify(settings));
    assert.match(await tspod.ok('pull', '--quiet', name), ID);
  }
});

test('a certificate must be known, or told to be accepted', { skip: skip || missing('program:openssl') }, async (t) => {
  const certificates = await makeCertificates();
  t.after(() => rm(certificates.folder, { recursive: true }));
  const secure = await startRegistry({ tls: certificates });
  t.after(() => secure.stop());
  const name = await secure.push(smallImage(), 'app:1');
  const tspod = await tspodWithEmptyStore(t);

  const unknown = await tspod('pull', name);
  assert.equal(unknown.exitCode, 125);
  assert.match(
    unknown.stderr,
    /^Error: the registry "localhost:[0-9]+" cannot be trusted: .*\n {2}Put .*\/containers\/certs\.d\/localhost:[0-9]+\/ca\.crt, .*--tls-verify=false$/m,
  );
  assert.match(await tspod.ok('pull', '--quiet', '--tls-verify=false', name), ID);
  const folder = join(tspod.env['XDG_CONFIG_HOME'] ?? '', 'containers/certs.d', secure.host);
  await mkdir(folder, { recursive: true });
  await cp(certificates.authority, join(folder, 'ca.crt'));
  assert.match(await tspod.ok('pull', '--quiet', name), ID);
});

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
