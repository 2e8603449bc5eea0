import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import type { RegistryOptions } from '../../../src/registry/connection.ts';
import { searchRegistry, type FoundRepository } from '../../../src/registry/search.ts';
import { makeFakeImage, startFakeRegistry, type FakeRegistry, type Intercept } from '../../support/fake-registry.ts';

const ALICE = { username: 'alice', password: 'secret' };
const BASIC = `Basic ${Buffer.from('alice:secret').toString('base64')}`;

async function start(t: TestContext, intercept: Intercept): Promise<FakeRegistry> {
  return await startFakeRegistry(t, makeFakeImage([]), intercept);
}

/** Paths lead to documents; all others are answered with status 404. */
async function serve(t: TestContext, documents: Readonly<Record<string, unknown>>): Promise<FakeRegistry> {
  return await start(t, ({ url = '' }, response) => {
    if (!Object.hasOwn(documents, url)) return false;
    response.end(JSON.stringify(documents[url]));
    return true;
  });
}

interface Asked extends RegistryOptions {
  readonly below?: string;
  readonly limit?: number;
}

async function search({ host }: FakeRegistry, word: string, options: Asked = {}): Promise<readonly FoundRepository[]> {
  const { below = '', limit = 25, ...access } = options;
  const endpoint = { registry: host, repository: below, insecure: false };
  return await searchRegistry(endpoint, word, { authFile: '/dev/null', retries: 0, limit, ...access });
}

async function names(...words: Parameters<typeof search>): Promise<string[]> {
  return (await search(...words)).map(({ name }) => name);
}

function paths({ requests }: FakeRegistry): string[] {
  return requests.map(({ url = '' }) => url);
}

function refuse(response: ServerResponse, challenge: string): boolean {
  response.writeHead(401, { 'www-authenticate': challenge }).end('{}');
  return true;
}

test("a registry with Docker's search is asked for the word and no more than the limit", async (t) => {
  const results = [
    { name: 'alpine', description: 'small', star_count: 7, is_official: true, is_automated: false, is_trusted: false },
    { name: 'alice/alpine', description: null, is_automated: true },
    { name: 'bob/alpine' },
  ];
  const registry = await serve(t, { '/v1/search?q=al+pi%26ne&n=2': { num_results: 3, results } });
  assert.deepEqual(await search(registry, 'al pi&ne', { limit: 2 }), [
    { name: 'alpine', description: 'small', stars: 7, isOfficial: true, isAutomated: false },
    { name: 'alice/alpine', description: '', stars: 0, isOfficial: false, isAutomated: true },
  ]);
  assert.deepEqual(paths(registry).slice(-1), ['/v1/search?q=al+pi%26ne&n=2']);
});

/** Three pages of repositories, on a registry that has no search. */
async function serveCatalog(t: TestContext): Promise<FakeRegistry> {
  return await start(t, ({ url = '' }, response, { host }) => {
    const [path, last = ''] = url.split('?last=');
    if (path !== '/v2/_catalog') return false;
    const page = Number(last);
    const next = page === 0 ? '/v2/_catalog?last=1' : `http://${host}/v2/_catalog?last=2`;
    response.writeHead(200, page < 2 ? { link: `<${next}>; rel="next"` } : {});
    response.end(JSON.stringify({ repositories: [`app${page}`, `team/app${page}`, 'other'] }));
    return true;
  });
}

test('a registry without it is searched through the pages of its catalog', async (t) => {
  const registry = await serveCatalog(t);
  const all = ['app0', 'team/app0', 'app1', 'team/app1', 'app2', 'team/app2'];
  assert.deepEqual(await names(registry, 'app'), all);
  assert.deepEqual(await names(registry, 'APP'), []);
  assert.deepEqual(await names(registry, 'm/app2'), ['team/app2']);
  assert.deepEqual(await names(registry, 'a', { below: 'team' }), ['app0', 'app1', 'app2']);
});

test('no more pages are fetched than the limit needs', async (t) => {
  const registry = await serveCatalog(t);
  assert.deepEqual(await names(registry, 'app', { limit: 3 }), ['app0', 'team/app0', 'app1']);
  assert.deepEqual(paths(registry).slice(-2), ['/v2/_catalog', '/v2/_catalog?last=1']);
});

test('without a word the catalog alone is asked, and all of it is shown', async (t) => {
  const registry = await serveCatalog(t);
  assert.equal((await names(registry, '')).length, 9);
  assert.equal(
    paths(registry).some((path) => path.startsWith('/v1/')),
    false,
  );
});

test('a registry that answers the search with something else is searched through its catalog', async (t) => {
  for (const odd of ['<!doctype html><title>Registry</title>', '{"results":[{"name":5}]}', '[]', '']) {
    const registry = await start(t, ({ url = '' }, response) => {
      if (url === '/v2/') return false;
      response.end(url.startsWith('/v1/') ? odd : '{"repositories":["app"]}');
      return true;
    });
    assert.deepEqual(await names(registry, 'app'), ['app'], odd);
  }
  const away = await start(t, ({ url = '' }, response) => {
    if (url === '/v2/') return false;
    if (url === '/v2/_catalog') response.end('{"repositories":["app"]}');
    else response.writeHead(302, { location: 'http://login.example.com/' }).end();
    return true;
  });
  assert.deepEqual(await names(away, 'app'), ['app']);
});

test('a registry without anything in it finds nothing', async (t) => {
  assert.deepEqual(await names(await serve(t, { '/v2/_catalog': { repositories: null } }), 'app'), []);
  assert.deepEqual(await names(await serve(t, { '/v2/_catalog': {} }), 'app'), []);
  assert.deepEqual(await names(await serve(t, { '/v1/search?q=app&n=25': { results: null } }), 'app'), []);
});

test('a registry that lists nothing is said to, with what it may show', async (t) => {
  const registry = await serve(t, {});
  await assert.rejects(search(registry, 'app'), {
    message: `the registry "${registry.host}" cannot be searched: it does not list what it has`,
    remedy: `tspod search --list-tags ${registry.host}/NAME`,
  });
});

test('a catalog that is malformed, or goes on elsewhere, is refused', async (t) => {
  const odd = await serve(t, { '/v2/_catalog': { repositories: 'app' } });
  await assert.rejects(search(odd, 'app'), {
    message: /^"repositories of .*" is malformed: repositories is "app", not a list$/,
  });
  const evil = await start(t, ({ url = '' }, response) => {
    if (url !== '/v2/_catalog') return false;
    response.writeHead(200, { link: '<http://evil.example.com/v2/_catalog>; rel="next"' }).end('{"repositories":[]}');
    return true;
  });
  await assert.rejects(search(evil, 'app'), {
    message: `the registry "${evil.host}" continues its list of repositories on "evil.example.com"`,
  });
});

test('the password is shown to the catalog and never to the search', async (t) => {
  const registry = await start(t, ({ url = '', headers }, response) => {
    if (headers.authorization !== BASIC) return refuse(response, 'Basic realm="r"');
    response.end(url === '/v2/_catalog' ? '{"repositories":["app"]}' : '{}');
    return true;
  });
  assert.deepEqual(await names(registry, 'app', { credentials: ALICE }), ['app']);
  const shown = registry.requests.filter(({ headers }) => headers.authorization !== undefined);
  assert.deepEqual(paths({ ...registry, requests: shown }), ['/v2/_catalog']);
});

test('a login that is missing, and one that may not search, are told apart', async (t) => {
  const registry = await start(t, (_request, response) => refuse(response, 'Basic realm="r"'));
  await assert.rejects(search(registry, 'app'), {
    message: `the registry "${registry.host}" lets nobody search it without a login`,
    remedy: `Log in: tspod login ${registry.host}`,
  });
  await assert.rejects(search(registry, 'app', { credentials: ALICE }), {
    message: `the registry "${registry.host}" does not let "alice" search it`,
  });
});

test('a token is fetched for the catalog', async (t) => {
  const scopes: (string | null)[] = [];
  const registry = await start(t, ({ url = '', headers }, response, { host }) => {
    const { pathname, searchParams } = new URL(url, `http://${host}`);
    if (pathname === '/token') {
      scopes.push(searchParams.get('scope'));
      response.end(JSON.stringify({ token: searchParams.get('scope') ?? 'none' }));
    } else if (pathname === '/v2/_catalog' && headers.authorization === 'Bearer registry:catalog:*') {
      response.end('{"repositories":["app"]}');
    } else {
      const scope = pathname === '/v2/_catalog' ? ',scope="registry:catalog:*"' : '';
      return refuse(response, `Bearer realm="http://${host}/token",service="s"${scope}`);
    }
    return true;
  });
  assert.deepEqual(await names(registry, 'app'), ['app']);
  assert.deepEqual(scopes, [null, 'registry:catalog:*']);
});

test('Docker Hub is not asked for all that it has', async () => {
  const hub = { registry: 'docker.io', repository: '', insecure: false };
  await assert.rejects(searchRegistry(hub, '', { limit: 25 }), {
    message: '"docker.io" does not list all that it has',
  });
});
