import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { blob, connect, content, digest, methods, startUploads, UPLOADS } from '../../support/fake-uploads.ts';

test('a blob is sent once, and not at all to a registry that has it', async (t) => {
  const { registry, blobs } = await startUploads(t);
  await using client = await connect(registry);
  assert.equal(await client.pushBlob(blob), true);
  assert.deepEqual(blobs.get(digest), content);
  assert.equal(await client.pushBlob(blob), false);
  assert.deepEqual(methods(registry), ['HEAD', 'POST', 'PATCH', 'PUT', 'HEAD']);
});

test('a blob is mounted from another repository of the registry, and sent where that fails', async (t) => {
  const mounts: (string | null)[] = [];
  let has = true;
  const { registry, blobs } = await startUploads(t, (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://registry');
    if (!searchParams.has('mount')) return false;
    mounts.push(searchParams.get('from'));
    response.writeHead(has ? 201 : 202, { location: `${UPLOADS}unused` }).end();
    return true;
  });
  await using client = await connect(registry);
  assert.equal(await client.pushBlob(blob, 'team/base'), false);
  assert.deepEqual([mounts, blobs.size], [['team/base'], 0]);
  has = false;
  assert.equal(await client.pushBlob(blob, 'team/base'), true);
  assert.deepEqual(blobs.get(digest), content);
});

test('a registry may say in its own way that it has what was sent', async (t) => {
  const { registry, blobs } = await startUploads(t, ({ method, url = '' }, response) => {
    const writeHead = response.writeHead.bind(response);
    const shown = method === 'PATCH' ? 201 : 204;
    if (method === 'PATCH' || method === 'PUT') {
      response.writeHead = ((_status: number, headers?: OutgoingHttpHeaders) =>
        writeHead(shown, headers)) as ServerResponse['writeHead'];
    }
    if (!url.includes('/manifests/')) return false;
    response.writeHead(204).end();
    return true;
  });
  await using client = await connect(registry);
  assert.equal(await client.pushBlob(blob), true);
  assert.ok(blobs.get(digest)?.equals(content));
  await client.pushManifest('latest', content, { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest });
});
