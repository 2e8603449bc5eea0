/** Where `tspod pull` looks for a name. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test, type TestContext } from 'node:test';
import { busyboxImage, smallImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { openTerminal } from '../support/terminal.ts';
import { tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

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

test("a short name after docker:// is Docker Hub's, whatever registries are searched", { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const folder = join(tspod.env['XDG_CONFIG_HOME'] ?? '', 'containers');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'registries.conf'),
    `unqualified-search-registries = ["127.0.0.1:1"]
[[registry]]
prefix = "docker.io"
location = "${registry.host}"
insecure = true
`,
  );
  await registry.push(smallImage(), 'library/tspod-test-hub:latest');
  const names = [
    'images',
    '--noheading',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    '--filter',
    'reference=*tspod-test-hub',
  ];
  await tspod.ok('pull', '--quiet', 'docker://tspod-test-hub');
  assert.equal(await tspod.ok(...names), 'docker.io/library/tspod-test-hub:latest');
  await tspod.ok('pull', '--quiet', '--all-tags', 'docker://tspod-test-hub');
  assert.equal(await tspod.ok(...names), 'docker.io/library/tspod-test-hub:latest');
});

test(
  'of several registries a terminal is asked for one, and the answer is kept as Podman keeps it',
  { skip },
  async (t) => {
    const tspod = await withSearchRegistries(t);
    await registry.push(busyboxImage(), 'tspod-test-choice:latest');
    const name = `${registry.host}/tspod-test-choice`;
    const open = (...words: string[]) => openTerminal(t, [tspod.program, ...words], tspod.env);

    const stopped = open('pull', 'tspod-test-choice');
    await stopped.shows(/Please select an image:\s/);
    stopped.type('\x03');
    await stopped.shows(/Error: the question was not answered/);
    assert.equal(await stopped.exit, 125);
    assert.equal(existsSync(aliasesOf(tspod)), false);

    const command = ['sh', '-c', 'echo ready; head -n1'];
    const asked = open('run', '--rm', '-it', '--network=none', 'tspod-test-choice', ...command);
    await asked.shows(/Please select an image:[^]*▸ 127\.0\.0\.1:1\/tspod-test-choice:latest[^]* {2}localhost:/);
    asked.type('\x1b[B');
    await asked.shows(new RegExp(` {2}127\\.0\\.0\\.1:1/tspod-test-choice:latest[^]*▸ ${name}:latest`));
    asked.type('\r');
    await asked.shows(/ready/);
    asked.type('a line\r');
    await asked.shows(/a line\s+a line/);
    assert.equal(await asked.exit, 0);
    assert.equal(readFileSync(aliasesOf(tspod), 'utf8'), `[aliases]\ntspod-test-choice = "${name}"\n`);

    await tspod.ok('rmi', 'tspod-test-choice');
    const again = open('pull', 'tspod-test-choice:latest');
    assert.match(await again.shows(/[^]*[0-9a-f]{64}/), new RegExp(`^Trying to pull ${name}:latest`));
    assert.equal(await again.exit, 0);
  },
);

test('an answer that cannot be kept, or is kept beside others, does not hold up the pull', { skip }, async (t) => {
  const tspod = await withSearchRegistries(t);
  await registry.push(smallImage(), 'tspod-test-choice:latest');
  const choose = async () => {
    const terminal = openTerminal(t, [tspod.program, 'pull', 'tspod-test-choice'], tspod.env);
    await terminal.shows(/Please select an image:[^]*localhost:/);
    terminal.type('j\r');
    const shown = await terminal.shows(/[^]*[0-9a-f]{64}/);
    assert.equal(await terminal.exit, 0);
    await tspod.ok('rmi', 'tspod-test-choice');
    return shown;
  };
  const folder = dirname(aliasesOf(tspod));
  mkdirSync(folder, { mode: 0o500 });
  assert.match(await choose(), /WARNING: what "tspod-test-choice" stands for cannot be kept in ".*": /);
  chmodSync(folder, 0o700);
  writeFileSync(aliasesOf(tspod), '[aliases]\n  "other/app" = "example.invalid/other"\n');
  assert.doesNotMatch(await choose(), /WARNING/);
  const kept = readFileSync(aliasesOf(tspod), 'utf8');
  assert.match(kept, /^"other\/app" = "example\.invalid\/other"$/m);
  assert.match(kept, /^tspod-test-choice = "localhost:\d+\/tspod-test-choice"$/m);
  assert.deepEqual(readdirSync(folder), ['short-name-aliases.conf']);
});

test('short-name-mode says who is asked, and what is done where nobody can be', { skip }, async (t) => {
  await registry.push(smallImage(), 'tspod-test-mode:latest');
  const enforcing = await withSearchRegistries(t, 'enforcing');
  for (const words of [['pull'], ['run'], ['create']]) {
    const { stderr, exitCode } = await enforcing(...words, 'tspod-test-mode');
    const remedy = `127.0.0.1:1/tspod-test-mode:latest or ${registry.host}/tspod-test-mode:latest`;
    const sentence = `Error: the short name "tspod-test-mode" is ambiguous\n  Name the registry: ${remedy}`;
    assert.deepEqual([stderr, exitCode], [sentence, 125]);
  }
  const disabled = await withSearchRegistries(t, 'disabled');
  const unasked = openTerminal(t, [disabled.program, 'pull', 'tspod-test-mode'], disabled.env);
  assert.match(await unasked.shows(/[^]*[0-9a-f]{64}/), /^Trying to pull 127[^]*Trying to pull localhost:/);
  assert.equal(await unasked.exit, 0);
  assert.equal(existsSync(aliasesOf(disabled)), false);
  const permissive = await withSearchRegistries(t, 'permissive');
  const both = await permissive('pull', 'tspod-test-mode');
  assert.match(both.stderr, /^Trying to pull 127[^]*^Trying to pull localhost:/m);
  const again = await permissive('pull', 'tspod-test-mode');
  assert.match(again.stderr, /^Trying to pull localhost:/, 'the image is here, and its registry is known');
});

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

/** A tspod that looks for short names on a registry that does not answer, then on ours. */
async function withSearchRegistries(t: TestContext, mode = ''): Promise<Tspod> {
  const tspod = await tspodWithEmptyStore(t);
  const folder = join(tspod.env['XDG_CONFIG_HOME'] ?? '', 'containers');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'registries.conf'),
    `unqualified-search-registries = ["127.0.0.1:1", "${registry.host}"]\nshort-name-mode = "${mode}"\n`,
  );
  return tspod;
}

function aliasesOf(tspod: Tspod): string {
  return join(tspod.env['XDG_CACHE_HOME'] ?? '', 'containers/short-name-aliases.conf');
}
