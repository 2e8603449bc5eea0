import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { parseChallenges } from '../../../src/registry/auth.ts';
import { RegistryClient } from '../../../src/registry/client.ts';
import { makeFakeImage, startFakeRegistry } from '../../support/fake-registry.ts';
import { connect, pull } from '../../support/registry-client.ts';

const image = makeFakeImage([randomBytes(300_000), randomBytes(10)]);
const [firstLayer = Buffer.alloc(0)] = image.layers;

const isLayer = ({ url = '' }: IncomingMessage) => url.includes('/blobs/');

function refuse(response: ServerResponse, challenge: string): boolean {
  response.writeHead(401, { 'www-authenticate': challenge }).end('{}');
  return true;
}

test('a challenge line may hold several challenges', () => {
  assert.deepEqual(parseChallenges('Bearer realm="https://a/t?x=1,2",service="s", scope="repository:a:pull,push"'), [
    { scheme: 'bearer', parameters: { realm: 'https://a/t?x=1,2', service: 's', scope: 'repository:a:pull,push' } },
  ]);
  assert.deepEqual(parseChallenges('Negotiate, Basic realm="a \\"b\\"", Bearer realm=https://x'), [
    { scheme: 'negotiate', parameters: {} },
    { scheme: 'basic', parameters: { realm: 'a "b"' } },
    { scheme: 'bearer', parameters: { realm: 'https://x' } },
  ]);
});

test('basic credentials are sent when the registry asks for them', async (t) => {
  const expected = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
  const registry = await startFakeRegistry(t, image, ({ headers }, response) =>
    headers.authorization === expected ? false : refuse(response, 'Basic realm="r"'),
  );
  await using client = await connect(registry);
  assert.deepEqual(await pull(client), firstLayer);
});

test('wrong credentials are told apart from none', async (t) => {
  const registry = await startFakeRegistry(t, image, (_request, response) => refuse(response, 'Basic realm="r"'));
  await using wrong = await connect(registry);
  await assert.rejects(pull(wrong), {
    message: `the registry "${registry.host}" refuses the credentials of "alice"`,
    remedy: `Log in again: tspod login ${registry.host}`,
  });
  await using none = await RegistryClient.connect(
    { registry: registry.host, repository: 'app', insecure: false },
    { authFile: '/dev/null' },
  );
  await assert.rejects(pull(none), {
    message: /does not show "127.*app:latest" without a login, or has no such image$/,
  });
});

test('a bearer token is fetched for the repository and renewed when it runs out', async (t) => {
  let issued = 0;
  let served = 0;
  const registry = await startFakeRegistry(t, image, (request, response, { host }) => {
    if (request.url?.startsWith('/token?')) {
      issued += 1;
      const query = new URL(request.url, 'http://x').searchParams;
      assert.equal(query.get('service'), 'svc');
      assert.equal(query.get('scope'), 'repository:app:pull');
      assert.equal(request.headers.authorization, `Basic ${Buffer.from('alice:secret').toString('base64')}`);
      response.end(JSON.stringify({ token: `token-${issued}`, expires_in: 60 }));
      return true;
    }
    // Every token is good for one request.
    const isGood = request.headers.authorization === `Bearer token-${issued}` && served < issued;
    if (isGood) served += 1;
    return isGood ? false : refuse(response, `Bearer realm="http://${host}/token",service="svc"`);
  });
  await using client = await connect(registry);
  assert.deepEqual(await pull(client), firstLayer);
  assert.equal(issued, 2);
});

test('a token server that refuses the password is told', async (t) => {
  const registry = await startFakeRegistry(t, image, (request, response, { host }) =>
    refuse(response, request.url?.startsWith('/token') ? 'Basic' : `Bearer realm="http://${host}/token",service="svc"`),
  );
  await using client = await connect(registry);
  await assert.rejects(pull(client), { message: `the registry "${registry.host}" refuses the credentials of "alice"` });
});

test('credentials are not sent to a token server without TLS elsewhere', async (t) => {
  const registry = await startFakeRegistry(t, image, (_request, response) =>
    refuse(response, 'Bearer realm="http://tokens.example.com/t"'),
  );
  await using client = await connect(registry);
  await assert.rejects(pull(client), {
    message: /wants credentials sent to "http:\/\/tokens.example.com" without TLS$/,
  });
});

test('a redirect does not carry the credential to another server', async (t) => {
  const storage = await startFakeRegistry(t, image);
  const registry = await startFakeRegistry(t, image, (request, response) => {
    if (request.headers.authorization === undefined) return refuse(response, 'Basic realm="r"');
    if (!isLayer(request)) return false;
    response.writeHead(307, { location: `http://${storage.host}${request.url ?? ''}?signed=1` }).end();
    return true;
  });
  await using client = await connect(registry);
  assert.deepEqual(await pull(client), firstLayer);
  assert.equal(storage.requests.length, 1);
  assert.equal(storage.requests[0]?.headers.authorization, undefined);
  assert.equal(storage.requests[0]?.url?.endsWith('?signed=1'), true);
});

test('a refresh token is not sent to where its token server redirects', async (t) => {
  const other = await startFakeRegistry(t, image);
  const registry = await startFakeRegistry(t, image, (request, response, { host }) => {
    if (!request.url?.startsWith('/token'))
      return refuse(response, `Bearer realm="http://${host}/token",service="svc"`);
    response.writeHead(307, { location: `http://${other.host}/token` }).end();
    return true;
  });
  const credentials = { username: '', password: '', identityToken: 'refresh' };
  await using client = await connect(registry, { credentials });
  await assert.rejects(pull(client), { message: /redirects what was sent to it to "127/ });
  assert.equal(other.requests.length, 0);
});
