/** `tspod search` on a real registry, and on one that searches as Docker Hub does. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test, type TestContext } from 'node:test';
import { makeFakeImage, startFakeRegistry } from '../support/fake-registry.ts';
import { smallImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('registry');
/** bcrypt of "secret" */
const line = 'alice:$2b$04$RkJMiGTmTwW9m8rZR4JOueKizBFaL3XVfnMBekeE5u56ezm2RccC6';
const NOBODY = '127.0.0.1:1';

let registry: Registry;
let locked: Registry;

before(async () => {
  if (skip) return;
  registry = await startRegistry();
  for (const name of ['app:1', 'app:2', 'team/app:1', 'other:latest']) await registry.push(smallImage(), name);
  locked = await startRegistry({ htpasswd: { line, user: 'alice', password: 'secret' } });
  await locked.push(smallImage(), 'secret-app:1');
});

async function withRegistriesConf(t: TestContext, text: string): Promise<Tspod> {
  const tspod = await tspodWithEmptyStore(t);
  const folder = join(tspod.env['XDG_CONFIG_HOME'] ?? '', 'containers');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'registries.conf'), text);
  return tspod;
}

test('a word is looked for in the names of a registry', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { host } = registry;
  const lines = (await tspod.ok('search', `${host}/app`)).split('\n').map((text) => text.trimEnd());
  assert.deepEqual(lines, [`${'NAME'.padEnd(host.length + 11)}DESCRIPTION`, `${host}/app`, `${host}/team/app`]);
  const names = ['--format', '{{.Name}}'];
  assert.equal(await tspod.ok('image', 'search', ...names, `${host}/eam/`), `${host}/team/app`);
  assert.equal(await tspod.ok('search', ...names, `${host}/`), `${host}/app\n${host}/other\n${host}/team/app`);
  assert.equal(await tspod.ok('search', ...names, '--limit', '1', `${host}/app`), `${host}/app`);
  assert.equal(await tspod.ok('search', `${host}/nothing`), '');
  assert.equal(await tspod.ok('search', '--format', 'json', `${host}/nothing`), '[]');
  assert.deepEqual(JSON.parse(await tspod.ok('search', '--format', 'json', `${host}/other`)), [
    {
      Index: host,
      Name: `${host}/other`,
      Description: '',
      Stars: 0,
      Official: '',
      Automated: '',
      Tag: '',
    },
  ]);
});

test('--list-tags lists the tags of an image', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { host } = registry;
  const table = (await tspod.ok('search', '--list-tags', `${host}/app`)).split('\n');
  assert.deepEqual(table.toSorted(), [`${'NAME'.padEnd(host.length + 6)}TAG`, `${host}/app  1`, `${host}/app  2`]);
  const tags = ['search', '--list-tags', '--format', '{{.Index}} {{.Tag}}'];
  assert.equal(await tspod.ok(...tags, `docker://${host}/team/app:9`), `${host} 1`);
  assert.equal((await tspod.ok(...tags, '--limit', '1', `${host}/app`)).split('\n').length, 1);
  const [image] = JSON.parse(await tspod.ok('search', '--list-tags', '--format', 'json', `${host}/app`)) as [
    { Name: string; Tags: string[] },
  ];
  assert.deepEqual([image.Name, image.Tags.toSorted()], [`${host}/app`, ['1', '2']]);
});

test('--list-tags says what has none', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { host } = registry;
  for (const [words, sentence] of [
    [[`${host}/nothing`], /^Error: no image "localhost:[0-9]+\/nothing" on its registry$/m],
    [[`${host}/No Name`], /is not the name of an image/],
    [['--filter', 'stars=1', `${host}/app`], /^Error: filters are not applicable to list tags result$/m],
  ] as const) {
    const { exitCode, stdout, stderr } = await tspod('search', '--list-tags', ...words);
    assert.deepEqual([exitCode, stdout], [125, '']);
    assert.match(stderr, sentence);
  }
});

test('a word alone is looked for on all search registries, of which one may fail', { skip }, async (t) => {
  const { host } = registry;
  const tspod = await withRegistriesConf(t, `unqualified-search-registries = ["${NOBODY}", "${host}", "${host}/team"]`);
  const found = await tspod('search', '--format', '{{.Index}} {{.Name}}', 'app');
  assert.equal(found.stdout, `${host} ${host}/app\n${host} ${host}/team/app\n${host} ${host}/team/app`);
  assert.match(found.stderr, /^Error: cannot reach the registry "127\.0\.0\.1:1": nothing listens there/);
  assert.equal(found.exitCode, 0);
  const tags = await tspod('search', '--list-tags', '--format', '{{.Name}}:{{.Tag}}', 'other');
  assert.equal(tags.stdout, `${host}/other:latest`);
  assert.equal(tags.stderr.match(/^Error: /gm)?.length, 2);
  const none = await tspod('search', 'nothing');
  assert.deepEqual([none.exitCode, none.stdout], [125, '']);
  assert.match(none.stderr, /^Error: cannot reach the registry/);
});

test('where every registry fails, each says why', { skip }, async (t) => {
  const tspod = await withRegistriesConf(
    t,
    `unqualified-search-registries = ["${NOBODY}", "blocked.invalid"]
[[registry]]
location = "blocked.invalid"
blocked = true
`,
  );
  const { exitCode, stdout, stderr } = await tspod('search', 'app');
  assert.deepEqual([exitCode, stdout], [125, '']);
  assert.match(stderr, /^Error: cannot reach .*\n .*\nError: the registry of "blocked\.invalid" is blocked/);
  const several = await tspod('search', '--creds', 'alice:secret', 'app');
  assert.equal(several.exitCode, 125);
  assert.match(several.stderr, /^Error: --creds are for one registry, and 2 are searched$/m);
  for (const [term, sentence] of [
    ['a b/app', /^Error: "a b" is not the name of a registry$/m],
    ['docker.io/', /^Error: "docker\.io" does not list all that it has$/m],
  ] as const) {
    const refused = await tspod('search', term);
    assert.equal(refused.exitCode, 125);
    assert.match(refused.stderr, sentence);
  }
});

test('without search registries a word alone leads nowhere', { skip }, async (t) => {
  const tspod = await withRegistriesConf(t, 'unqualified-search-registries = []');
  const { exitCode, stderr } = await tspod('search', 'app');
  assert.equal(exitCode, 125);
  assert.match(stderr, /^Error: there is nowhere to search: .*\n {2}Name the registry: tspod search docker\.io\/app$/m);
});

test('a registry with a password is searched by who knows it', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { host } = locked;
  const term = ['--format', '{{.Name}} {{.Tag}}', `${host}/secret-app`];
  const stranger = await tspod('search', ...term);
  assert.equal(stranger.exitCode, 125);
  assert.match(stranger.stderr, /^Error: the registry "localhost:[0-9]+" lets nobody search it without a login$/m);
  const wrong = await tspod('search', '--creds', 'alice:wrong', ...term);
  assert.equal(wrong.exitCode, 125);
  assert.match(wrong.stderr, /^Error: the registry "localhost:[0-9]+" does not let "alice" search it$/m);
  assert.equal((await tspod.ok('search', '--creds', 'alice:secret', ...term)).trim(), `${host}/secret-app`);
  await tspod.ok('login', '-u', 'alice', '-p', 'secret', host);
  assert.equal((await tspod.ok('search', ...term)).trim(), `${host}/secret-app`);
  assert.equal(await tspod.ok('search', '--list-tags', ...term), `${host}/secret-app 1`);
});

test("Docker Hub's search shows what images are, wherever registries.conf has moved it", async (t) => {
  const results = [
    { name: 'alpine', description: 'A'.repeat(50), star_count: 9, is_official: true, is_automated: false },
    { name: 'bob/alpine', description: 'red\n\u001b[31m', star_count: 3, is_official: false, is_automated: true },
  ];
  const hub = await startFakeRegistry(t, makeFakeImage([]), ({ url = '' }, response) => {
    if (url === '/v2/') return false;
    response.end(JSON.stringify({ results: url === '/v1/search?q=alpine&n=25' ? results : [] }));
    return true;
  });
  const tspod = await withRegistriesConf(t, `[[registry]]\nprefix = "docker.io"\nlocation = "${hub.host}"\n`);
  const row = '{{.Name}}|{{.Description}}|{{.Stars}}|{{.Official}}|{{.Automated}}';
  assert.equal(
    await tspod.ok('search', '--format', row, 'alpine'),
    `docker.io/library/alpine|${'A'.repeat(44)}...|9|[OK]|\ndocker.io/bob/alpine|red ?[31m|3||[OK]`,
  );
  const names = async (...words: string[]) => await tspod.ok('search', '--format', '{{.Name}}', ...words, 'alpine');
  assert.equal(await names('--filter', 'is-official'), 'docker.io/library/alpine');
  assert.equal(await names('--filter=is-official=false,stars=3'), 'docker.io/bob/alpine');
  assert.equal(await names('--filter', 'stars=10'), '');
  assert.match(await tspod.ok('search', '--no-trunc', '--compatible', 'alpine'), / A{50} +9 +\[OK\] *$/m);
});

test('a wrong filter or format is refused before any registry is asked', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  for (const [flag, value, sentence] of [
    ['--filter', 'stars=many', /"many" is not a whole number/],
    ['--filter', 'is-official=perhaps', /"perhaps" is neither true nor false/],
    ['--format', '{{.Size}}', /"?\.?Size/],
  ] as const) {
    const { exitCode, stderr } = await tspod('search', flag, value, `${NOBODY}/app`);
    assert.equal(exitCode, 125);
    assert.match(stderr, sentence);
    assert.doesNotMatch(stderr, /cannot reach/);
  }
});
