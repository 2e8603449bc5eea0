/** Uploads that break off, and registries that refuse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TspodError } from '../../../src/errors.ts';
import { ManifestRefusedError } from '../../../src/registry/push-client.ts';
import { blob, connect, content, digest, methods, startUploads, type Fault } from '../../support/fake-uploads.ts';

test('an upload that breaks off is begun again', async (t) => {
  let breaks = 2;
  const { registry, blobs } = await startUploads(t, (request) => {
    if (request.method !== 'PATCH' || breaks === 0) return false;
    breaks -= 1;
    request.once('data', () => request.socket.destroy());
    return true;
  });
  await using client = await connect(registry, { retryDelayMs: 1 });
  assert.equal(await client.pushBlob(blob), true);
  assert.deepEqual(blobs.get(digest), content);
});

test('an upload that the registry cannot take just now is begun again, one it will not take is told', async (t) => {
  let status = 503;
  const { registry, blobs } = await startUploads(t, (request, response) => {
    if (request.method !== 'PUT' || status === 0) return false;
    response.writeHead(status).end('{"errors":[{"message":"quota exceeded"}]}');
    if (status === 503) status = 0;
    return true;
  });
  await using client = await connect(registry, { retryDelayMs: 1 });
  assert.equal(await client.pushBlob(blob), true);
  assert.deepEqual(blobs.get(digest), content);
  blobs.clear();
  status = 507;
  await assert.rejects(client.pushBlob(blob), { message: /answered with status 507 for ".*\/app": quota exceeded$/ });
});

test('a registry that takes no upload, and says that it went well, does not have the blob', async (t) => {
  const { registry } = await startUploads(t, ({ method }, response) => {
    if (method !== 'POST') return false;
    response.writeHead(201, { location: '/v2/app/blobs/x' }).end();
    return true;
  });
  await using client = await connect(registry);
  await assert.rejects(client.pushBlob(blob), { message: /answered with status 201 for ".*\/app"$/ });
});

test('a registry whose proxy lets nothing large through is told so', async (t) => {
  const { registry } = await startUploads(t, ({ method }, response) => {
    if (method !== 'PATCH') return false;
    response.writeHead(413).end('<html>');
    return true;
  });
  await using client = await connect(registry);
  await assert.rejects(client.pushBlob(blob), {
    message: /^the registry "127.*" takes no request as large as one for ".*\/app"$/,
    remedy: /client_max_body_size/,
  });
});

test('a registry that has no such repository is quoted, and no page to look at is named', async (t) => {
  const { registry } = await startUploads(t, ({ method }, response) => {
    if (method !== 'POST') return false;
    response.writeHead(404).end('{"errors":[{"code":"NAME_UNKNOWN","message":"no repository app"}]}');
    return true;
  });
  await using client = await connect(registry);
  await assert.rejects(client.pushBlob(blob), {
    message: /status 404 for ".*\/app": no repository app$/,
    remedy: 'See whether it wants the repository to be made first, and whether it takes such images.',
  });
});

test('content that cannot be read is told, and not sent again', async (t) => {
  const { registry } = await startUploads(t);
  await using client = await connect(registry, { retryDelayMs: 1 });
  const open = function* () {
    yield content.subarray(0, 100_000);
    throw new TspodError('the disk is broken');
  };
  await assert.rejects(client.pushBlob({ ...blob, open }), { message: 'the disk is broken' });
  assert.equal(methods(registry).filter((method) => method === 'POST').length, 1);
});

test('a manifest that the registry refuses, or keeps as another one, is told', async (t) => {
  let answer: Fault = (_request, response) => {
    response.writeHead(415).end('{"errors":[{"code":"MANIFEST_INVALID","message":"no such type"}]}');
    return true;
  };
  const { registry } = await startUploads(
    t,
    (request, response) => request.method === 'PUT' && answer(request, response),
  );
  await using client = await connect(registry);
  const promise = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest };
  await assert.rejects(client.pushManifest('latest', content, promise), ManifestRefusedError);
  answer = (_request, response) => {
    response.writeHead(201, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end();
    return true;
  };
  await assert.rejects(client.pushManifest('latest', content, promise), {
    message: /keeps the manifest of .* as "sha256:0/,
  });
});
