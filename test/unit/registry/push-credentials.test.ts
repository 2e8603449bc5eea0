/** Who may push, and who hears the password: tokens, other hosts, refusals. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blob, connect, content, digest, startUploads, UPLOADS } from '../../support/fake-uploads.ts';

test('a blob is sent where nobody may look into the other repository', async (t) => {
  const { registry, blobs } = await startUploads(t, (request, response) => {
    const url = new URL(request.url ?? '', 'http://registry');
    const scopes = url.searchParams.getAll('scope');
    if (url.pathname === '/token') {
      const isRefused = scopes.length > 1;
      response.writeHead(isRefused ? 403 : 200).end('{"token":"t"}');
      return true;
    }
    const isAllowed = request.headers.authorization === 'Bearer t' && !url.searchParams.has('mount');
    if (isAllowed) return false;
    const challenge = `Bearer realm="http://${String(request.headers.host)}/token",scope="repository:team/base:pull"`;
    response.writeHead(401, {
      'www-authenticate': url.searchParams.has('mount') ? challenge : challenge.split(',')[0],
    });
    response.end('{}');
    return true;
  });
  await using client = await connect(registry);
  assert.equal(await client.pushBlob(blob, 'team/base'), true);
  assert.deepEqual(blobs.get(digest), content);
});

test('a token server that does not let us read elsewhere gives a token for pushing alone', async (t) => {
  const { registry, blobs } = await startUploads(t, (request, response) => {
    const url = new URL(request.url ?? '', 'http://registry');
    if (url.pathname === '/token') {
      const isOurs = url.searchParams.getAll('scope').every((scope) => scope.startsWith('repository:app:'));
      response.writeHead(isOurs ? 200 : 403).end(isOurs ? '{"token":"t"}' : '{"errors":[{"code":"DENIED"}]}');
      return true;
    }
    const isAllowed = request.headers.authorization === 'Bearer t' && !url.searchParams.has('mount');
    if (isAllowed) return false;
    const realm = `http://${String(request.headers.host)}/token`;
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end('{}');
    return true;
  });
  await using client = await connect(registry, { alsoReads: ['team/base'] });
  assert.equal(await client.pushBlob(blob, 'team/base'), true);
  assert.ok(blobs.get(digest)?.equals(content));
});

test('the token is for pushing, and for reading where blobs are mounted from', async (t) => {
  const scopes: string[] = [];
  const { registry } = await startUploads(t, (request, response) => {
    const url = new URL(request.url ?? '', 'http://registry');
    if (url.pathname === '/token') {
      scopes.push(...url.searchParams.getAll('scope'));
      response.end('{"token":"t"}');
      return true;
    }
    if (request.headers.authorization === 'Bearer t') return false;
    const realm = `http://${String(request.headers.host)}/token`;
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }).end('{}');
    return true;
  });
  await using client = await connect(registry, { alsoReads: ['team/base'] });
  await client.pushBlob(blob);
  assert.deepEqual(scopes, ['repository:app:pull,push', 'repository:team/base:pull']);
});

test('where the registry has uploads sent elsewhere, our credentials do not go along', async (t) => {
  const elsewhere = await startUploads(t);
  const { registry } = await startUploads(t, (request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end('{}');
      return true;
    }
    if (request.method !== 'POST') return false;
    response.writeHead(202, { location: `http://${elsewhere.registry.host}${UPLOADS}away` }).end();
    return true;
  });
  await using client = await connect(registry);
  assert.equal(await client.pushBlob(blob), true);
  assert.deepEqual(elsewhere.blobs.get(digest), content);
  for (const { headers } of elsewhere.registry.requests) assert.equal(headers.authorization, undefined);
});

test('a registry that sends uploads off the machine without TLS is refused', async (t) => {
  const { registry } = await startUploads(t, (request, response) => {
    if (request.method !== 'POST') return false;
    response.writeHead(202, { location: 'http://storage.example.com/x' }).end();
    return true;
  });
  await using client = await connect(registry);
  await assert.rejects(client.pushBlob(blob), { message: /leads to "storage.example.com" without TLS$/ });
});

test('who may read but not write is told so', async (t) => {
  const { registry } = await startUploads(t, (request, response) => {
    if (request.headers.authorization !== undefined && request.method !== 'POST') return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end('{}');
    return true;
  });
  await using client = await connect(registry);
  await assert.rejects(client.pushBlob(blob), { message: /does not let "alice" push ".*\/app"$/ });
  await using stranger = await connect(registry, { credentials: undefined });
  await assert.rejects(stranger.pushBlob(blob), { message: /lets nobody push ".*\/app" without a login$/ });
});
