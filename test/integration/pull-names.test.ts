/** Where `tspod pull` looks for a name. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { busyboxImage, smallImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

const skip = missing('registry', 'subuid');

let registry: Registry;

before(async () => {
  if (skip) return;
  registry = await startRegistry();
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

test('a mirror whose certificates cannot be read does not keep the registry from being asked', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const folder = join(tspod.env['XDG_CONFIG_HOME'] ?? '', 'containers');
  await mkdir(join(folder, 'certs.d/mirror.invalid/ca.crt'), { recursive: true });
  const conf = `[[registry]]
location = "${registry.host}"
[[registry.mirror]]
location = "mirror.invalid"
`;
  await writeFile(join(folder, 'registries.conf'), conf);
  const name = await registry.push(smallImage(), 'mirrored:1');
  assert.match(await tspod.ok('pull', '--quiet', name), /^[0-9a-f]{64}$/);
  const { stderr, exitCode } = await tspod('pull', `${registry.host}/nothing`);
  assert.match(stderr, /^Error: cannot read the certificates in ".*\/mirror\.invalid\/ca\.crt": illegal operation/m);
  assert.equal(exitCode, 125);
});

test(
  'a short name that leads to nothing here finds the image that another registry has under it',
  { skip },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    await tspod.load(smallImage(), 'example.invalid/team/tspod-test-app:old');
    assert.equal((await tspod('image', 'exists', 'tspod-test-app')).exitCode, 1, 'latest, where no tag is named');
    await tspod.load(busyboxImage(), 'example.invalid/team/tspod-test-app:latest');
    const run = (name: string) => tspod.ok('run', '--rm', '--network=none', name, 'echo', 'found');
    assert.equal(await run('tspod-test-app'), 'found');
    const digest = await tspod.ok('image', 'inspect', '--format', '{{.Digest}}', 'team/tspod-test-app');
    assert.equal(await run(`tspod-test-app@${digest}`), 'found');
    assert.equal((await tspod('image', 'exists', 'test-app')).exitCode, 1, 'whole parts of the name alone');
    await tspod.load(smallImage(), 'localhost/tspod-test-app:latest');
    assert.match(await tspod.ok('rmi', 'tspod-test-app'), /^Untagged: localhost\/tspod-test-app:latest$/m);
    assert.match(await tspod.ok('rmi', 'tspod-test-app'), /^Untagged: example\.invalid\/team\/tspod-test-app:latest$/m);
    assert.match(
      await tspod.ok('rmi', 'tspod-test-app:old'),
      /^Untagged: example\.invalid\/team\/tspod-test-app:old$/m,
    );
  },
);

test('an image that is here is pulled by its short name from where it came', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const name = await registry.push(smallImage(), 'team/tspod-test-again:latest');
  const old = await tspod.ok('pull', '--quiet', name);
  await registry.push(smallImage(), 'team/tspod-test-again:latest');
  const fresh = await tspod.ok('pull', '--quiet', 'tspod-test-again');
  assert.notEqual(fresh, old);
  assert.equal(await tspod.ok('pull', '--quiet', name), fresh);
});

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
