import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { parseImageReference, qualifyReference } from '../../../src/model/image-reference.ts';
import { mergeRegistriesConf } from '../../../src/registry/registries-conf.ts';
import { findRemoteImage } from '../../../src/registry/resolve.ts';
import { makeFakeImage, startFakeRegistry, type FakeRegistry } from '../../support/fake-registry.ts';

const ALICE = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
const image = makeFakeImage([randomBytes(10)]);

/** Lets in whom alice's password lets in. */
async function startClosed(t: TestContext): Promise<FakeRegistry> {
  return await startFakeRegistry(t, image, ({ headers }, response) => {
    if (headers.authorization === ALICE) return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="closed"' }).end();
    return true;
  });
}

/** Find an image with alice's credentials, on a registry with a mirror; gives the digest of its manifest. */
async function findWithMirror({ host }: FakeRegistry, mirror: string): Promise<string> {
  const text = `
    [[registry]]
    location = "${host}"
    [[registry.mirror]]
    location = "${mirror}"
    insecure = true`;
  await using found = await findRemoteImage(
    qualifyReference(parseImageReference(`${host}/app`)),
    await mergeRegistriesConf([{ path: '/etc/containers/registries.conf', text }]),
    {
      authFile: '/dev/null',
      credentials: { username: 'alice', password: 'secret' },
      platform: { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch },
      retries: 0,
    },
  );
  return found.document.digest;
}

test('credentials that are given are shown to the registry of the name, and to no mirror elsewhere', async (t) => {
  const registry = await startClosed(t);
  const mirror = await startClosed(t);
  assert.equal(await findWithMirror(registry, mirror.host), image.manifestDigest);
  assert.equal(mirror.requests.at(-1)?.url, '/v2/app/manifests/latest');
  assert.deepEqual(new Set(mirror.requests.map(({ headers }) => headers.authorization)), new Set([undefined]));
});

test('a mirror on the registry of the name is shown the same credentials', async (t) => {
  const registry = await startClosed(t);
  assert.equal(await findWithMirror(registry, `${registry.host}/mirror`), image.manifestDigest);
  assert.deepEqual(
    registry.requests.map(({ url, headers }) => [url, headers.authorization]),
    [
      ['/v2/', undefined],
      ['/v2/mirror/app/manifests/latest', ALICE],
    ],
  );
});
