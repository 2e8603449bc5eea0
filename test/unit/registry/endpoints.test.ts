import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatImageReference,
  normalizeImageReference,
  parseImageReference,
} from '../../../src/model/image-reference.ts';
import { expandShortName, findEndpoints, findRegistry } from '../../../src/registry/endpoints.ts';
import { mergeRegistriesConf } from '../../../src/registry/registries-conf.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

async function conf(...texts: string[]) {
  return await mergeRegistriesConf(texts.map((text, index) => ({ path: `/etc/containers/${index}.conf`, text })));
}

async function expand(name: string, ...texts: string[]): Promise<string[]> {
  return expandShortName(parseImageReference(name), await conf(...texts)).map(formatImageReference);
}

async function places(name: string, ...texts: string[]): Promise<string[]> {
  const endpoints = findEndpoints(normalizeImageReference(name), await conf(...texts));
  return endpoints.map(
    ({ registry, repository, insecure }) => `${registry}/${repository}${insecure ? ' insecure' : ''}`,
  );
}

test('a short name is looked for on Docker Hub when nothing is configured', async () => {
  assert.deepEqual(await expand('busybox'), ['docker.io/library/busybox:latest']);
  assert.deepEqual(await expand('busybox', '# only comments'), ['docker.io/library/busybox:latest']);
});

test('a short name is looked for on the search registries in order', async () => {
  const search = 'unqualified-search-registries = ["quay.io", "example.com:5000/team"]';
  assert.deepEqual(await expand('app:1', search), ['quay.io/app:1', 'example.com:5000/team/app:1']);
});

test('an alias wins over the search registries and keeps the tag or digest', async () => {
  const aliases = 'unqualified-search-registries = ["quay.io"]\n[aliases]\n"app" = "example.com/a/app"';
  assert.deepEqual(await expand('app:1', aliases), ['example.com/a/app:1']);
  assert.deepEqual(await expand(`app@${DIGEST}`, aliases), [`example.com/a/app@${DIGEST}`]);
  assert.deepEqual(await expand('app', aliases, '[aliases]\n"app" = "other.com/app"'), ['other.com/app:latest']);
  assert.deepEqual(await expand('app', aliases, '[aliases]\n"app" = ""'), ['quay.io/app:latest']);
});

test('short names are refused when the search list is empty', async () => {
  await assert.rejects(expand('app', 'unqualified-search-registries = []'), {
    message: 'the short name "app" leads nowhere: registries.conf has no search registries',
  });
});

test('mirrors are asked before the registry itself', async () => {
  const text = `
    [[registry]]
    prefix = "example.com/foo"
    location = "internal.example.net/bar"
    [[registry.mirror]]
    location = "mirror-0.local/mirror-for-foo"
    [[registry.mirror]]
    location = "mirror-1.local/mirrors/foo"
    insecure = true
    pull-from-mirror = "digest-only"`;
  assert.deepEqual(await places('example.com/foo/image:1', text), [
    'mirror-0.local/mirror-for-foo/image',
    'internal.example.net/bar/image',
  ]);
  assert.deepEqual(await places(`example.com/foo/image@${DIGEST}`, text), [
    'mirror-0.local/mirror-for-foo/image',
    'mirror-1.local/mirrors/foo/image insecure',
    'internal.example.net/bar/image',
  ]);
  assert.deepEqual(await places('example.com/foobar/image', text), ['example.com/foobar/image']);
});

test('the longest prefix decides', async () => {
  const text = `
    [[registry]]
    location = "example.com"
    [[registry]]
    prefix = "example.com/a"
    location = "a.local"
    [[registry]]
    prefix = "*.example.com"
    insecure = true`;
  assert.deepEqual(await places('example.com/a/x', text), ['a.local/x']);
  assert.deepEqual(await places('example.com/b/x', text), ['example.com/b/x']);
  assert.deepEqual(await places('sub.example.com/b/x', text), ['sub.example.com/b/x insecure']);
});

test('a blocked registry and localhost are never asked', async () => {
  await assert.rejects(places('example.com/x', '[[registry]]\nlocation = "example.com"\nblocked = true'), {
    message: 'the registry of "example.com/x" is blocked by registries.conf (prefix "example.com")',
  });
  await assert.rejects(places('localhost/x'), { message: 'no image "localhost/x:latest" on this machine' });
});

test('a malformed registries.conf is named', async () => {
  await assert.rejects(conf('unqualified-search-registries = "quay.io"'), {
    message: '"/etc/containers/0.conf" is malformed: unqualified-search-registries is "quay.io", not a list',
  });
  await assert.rejects(conf('a = ['), { message: /^"\/etc\/containers\/0.conf" is malformed: / });
  await assert.rejects(conf('[registries.search]\nregistries = ["a"]'), { message: /old \[registries.search\] form/ });
  await assert.rejects(conf('[[registry]]\ninsecure = true'), { message: /neither prefix nor location/ });
  await assert.rejects(conf('[[registry]]\nprefix = "a.*.com"'), { message: /has a wildcard/ });
});

test('a registry as a whole is where registries.conf has moved it', async () => {
  const moved = `[[registry]]
prefix = "docker.io"
location = "proxy.example.com:5000/hub"
insecure = true
[[registry]]
prefix = "*.example.org"
location = "other.example.com"
[[registry]]
location = "quay.io/team"
blocked = true
[[registry]]
location = "blocked.example.com"
blocked = true`;
  const rules = await conf(moved);
  const at = (registry: string, repository: string, insecure: boolean) => ({ registry, repository, insecure });
  assert.deepEqual(findRegistry('docker.io', rules), at('proxy.example.com:5000', 'hub', true));
  assert.deepEqual(findRegistry('docker.io/team', rules), at('proxy.example.com:5000', 'hub/team', true));
  assert.deepEqual(findRegistry('a.example.org', rules), at('other.example.com', '', false));
  assert.deepEqual(findRegistry('quay.io', rules), at('quay.io', '', false));
  assert.deepEqual(findRegistry('localhost:5000/team', rules), at('localhost:5000', 'team', false));
  assert.throws(() => findRegistry('blocked.example.com', rules), { message: /"blocked.example.com" is blocked by/ });
});
