import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { RegistryClient } from '../../../src/registry/client.ts';
import { retryAfterMs } from '../../../src/registry/retry.ts';
import { answer, makeFakeImage, sendBlob, startFakeRegistry } from '../../support/fake-registry.ts';
import { connect, pull } from '../../support/registry-client.ts';

const image = makeFakeImage([randomBytes(300_000), randomBytes(10)]);
const [firstLayer = Buffer.alloc(0)] = image.layers;

const isLayer = ({ url = '' }: IncomingMessage) => url.includes('/blobs/');

test('an image is read from a registry on loopback without TLS', async (t) => {
  await using client = await connect(await startFakeRegistry(t, image));
  assert.deepEqual(await pull(client), firstLayer);
});

test('Retry-After is seconds or a date', () => {
  assert.equal(retryAfterMs({ headers: { 'retry-after': '7' } }), 7000);
  assert.equal(retryAfterMs({ headers: { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' } }), 0);
  assert.equal(retryAfterMs({ headers: { 'retry-after': 'soon' } }), undefined);
  assert.equal(retryAfterMs({ headers: {} }), undefined);
});

test('a document without an end, and a list of tags that goes on nowhere, are refused', async (t) => {
  const registry = await startFakeRegistry(t, image, (request, response) => {
    if (request.url?.endsWith('/tags/list') === true) {
      response.writeHead(200, { link: '<http://[>; rel="next"' }).end('{"tags":[]}');
      return true;
    }
    if (request.url?.includes('/manifests/') !== true) return false;
    response.end(Buffer.alloc((4 << 20) + 1, ' '));
    return true;
  });
  await using client = await connect(registry);
  await assert.rejects(pull(client), { message: /sent a document of more than 4194304 bytes$/ });
  await assert.rejects(client.listTags(), { message: /continues its list of tags on "http:\/\/\["$/ });
});

test('a redirect may not lead off the machine without TLS, nor in circles', async (t) => {
  const away = await startFakeRegistry(t, image, (request, response) => {
    if (!isLayer(request)) return false;
    response.writeHead(302, { location: 'http://storage.example.com/x' }).end();
    return true;
  });
  await using client = await connect(away);
  await assert.rejects(pull(client), { message: /leads to "storage.example.com" without TLS$/ });
  const circle = await startFakeRegistry(t, image, (request, response) => {
    if (!isLayer(request)) return false;
    response.writeHead(302, { location: request.url ?? '' }).end();
    return true;
  });
  await using dizzy = await connect(circle);
  await assert.rejects(pull(dizzy), { message: /redirects in circles$/ });
});

test('a broken connection is resumed where it broke', async (t) => {
  let breaks = 0;
  const registry = await startFakeRegistry(t, image, (request, response) => {
    if (!isLayer(request) || breaks === 3) return false;
    breaks += 1;
    const from = Number(/[0-9]+/.exec(request.headers.range ?? '0')?.[0]);
    response.writeHead(from === 0 ? 200 : 206, {
      'content-length': firstLayer.length - from,
      'content-range': `bytes ${from}-${firstLayer.length - 1}/${firstLayer.length}`,
    });
    response.write(firstLayer.subarray(from, from + 70_000), () => response.destroy());
    return true;
  });
  await using client = await connect(registry);
  assert.deepEqual(await pull(client), firstLayer);
  const ranges = registry.requests.filter(isLayer).map(({ headers }) => headers.range);
  assert.equal(ranges.length, 4);
  assert.equal(
    ranges.slice(1).every((range) => range !== undefined),
    true,
  );
});

test('a manifest that breaks off is fetched again', async (t) => {
  let breaks = 0;
  const registry = await startFakeRegistry(t, image, ({ url = '' }, response) => {
    if (!url.includes('/manifests/') || breaks === 2) return false;
    breaks += 1;
    response.writeHead(200, { 'content-length': image.manifest.length });
    response.write(image.manifest.subarray(0, 100), () => response.destroy());
    return true;
  });
  await using client = await connect(registry);
  assert.deepEqual(await pull(client), firstLayer);
});

test('a registry without Range is read again from the beginning', async (t) => {
  let breaks = 0;
  const registry = await startFakeRegistry(t, image, (request, response) => {
    if (!isLayer(request)) return false;
    response.writeHead(200, { 'content-length': firstLayer.length });
    breaks += 1;
    if (breaks > 1) response.end(firstLayer);
    else response.write(firstLayer.subarray(0, 70_000), () => response.destroy());
    return true;
  });
  await using client = await connect(registry);
  assert.deepEqual(await pull(client), firstLayer);
});

test('a truncated layer is refused', async (t) => {
  const registry = await startFakeRegistry(t, image, (request, response) => {
    if (!isLayer(request)) return false;
    if (request.headers.range === undefined) sendBlob(request, response, firstLayer.subarray(0, 1000));
    else response.writeHead(416).end();
    return true;
  });
  await using client = await connect(registry);
  await assert.rejects(pull(client), { message: /^the registry sent only 1000 of the 300000 bytes of "sha256:/ });
});

test('a layer longer than announced is refused', async (t) => {
  const registry = await startFakeRegistry(t, image, (request, response) => {
    if (isLayer(request)) response.end(Buffer.concat([firstLayer, Buffer.from('x')]));
    return isLayer(request);
  });
  await using client = await connect(registry);
  await assert.rejects(pull(client), { message: /^the registry sent more of "sha256:.*" than its 300000 bytes$/ });
});

test('a manifest with another digest than announced is refused', async (t) => {
  const registry = await startFakeRegistry(t, { ...image, manifestDigest: `sha256:${'0'.repeat(64)}` });
  await using client = await connect(registry);
  await assert.rejects(pull(client), { message: /^the manifest of ".*app:latest" was altered on its way: / });
  await assert.rejects(client.fetchManifest(`sha256:${'1'.repeat(64)}`), { message: /was altered on its way/ });
});

test('an overloaded registry is asked again', async (t) => {
  let busy = 3;
  const registry = await startFakeRegistry(t, image, (request, response) => {
    if (!isLayer(request) || busy === 0) return false;
    busy -= 1;
    response.writeHead(busy === 1 ? 429 : 503, busy === 1 ? { 'retry-after': '0' } : {}).end();
    return true;
  });
  await using client = await connect(registry);
  assert.deepEqual(await pull(client), firstLayer);
});

test('a pull limit says how long to wait', async (t) => {
  const registry = await startFakeRegistry(t, image, (request, response) => {
    if (request.url === '/v2/') return false;
    response.writeHead(429, { 'retry-after': '3600' });
    response.end('{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached\\u001b[31m your limit"}]}');
    return true;
  });
  await using client = await connect(registry);
  await assert.rejects(pull(client), {
    message: `the registry "${registry.host}" limits how often you may pull: You have reached?[31m your limit`,
    remedy: `Wait 3600 seconds, or log in to raise the limit: tspod login ${registry.host}`,
  });
});

test('an unknown image, a web server and a registry that is down are told apart', async (t) => {
  const empty = await startFakeRegistry(t, image, (request, response) => {
    if (request.url === '/v2/') return false;
    response.writeHead(404).end();
    return true;
  });
  await using client = await connect(empty);
  await assert.rejects(pull(client), {
    name: 'NotFoundError',
    message: `no image "${empty.host}/app:latest" on its registry`,
  });
  const web = await startFakeRegistry(t, image, (_request, response) => {
    response.writeHead(404).end('<html>');
    return true;
  });
  await assert.rejects(connect(web), {
    message: `"${web.host}" is not a container registry: it answered with status 404`,
  });
  await assert.rejects(connect({ host: '127.0.0.1:1', requests: [] }), {
    message: 'cannot reach the registry "127.0.0.1:1": nothing listens there (connection refused)',
  });
  await assert.rejects(connect({ host: 'no-such-host.invalid', requests: [] }, { retries: 0 }), {
    message: 'cannot reach the registry "no-such-host.invalid": the name "no-such-host.invalid" cannot be resolved',
  });
});

test('--tls-verify insists on TLS, also on loopback', async (t) => {
  const registry = await startFakeRegistry(t, image);
  await assert.rejects(connect(registry, { tlsVerify: true }), {
    message: `cannot reach the registry "${registry.host}": it does not speak TLS`,
    remedy: 'If plain HTTP is what you want there: --tls-verify=false',
  });
});

test('tags are listed page by page, and never from another server', async (t) => {
  const registry = await startFakeRegistry(t, image, (request, response, { host }) => {
    if (request.url === '/v2/app/tags/list') {
      response.writeHead(200, { link: '</v2/app/tags/list?last=b&n=2>; rel="next"' }).end('{"tags":["a","b"]}');
    } else if (request.url === '/v2/app/tags/list?last=b&n=2') {
      response.end('{"tags":["c"]}');
    } else if (request.url === '/v2/evil/tags/list') {
      response.writeHead(200, { link: `<http://${host.replace('127.0.0.1', 'localhost')}/x>; rel="next"` });
      response.end('{"tags":["a"]}');
    } else answer(request, response, image);
    return true;
  });
  await using client = await connect(registry);
  assert.deepEqual(await client.listTags(), ['a', 'b', 'c']);
  await using evil = await RegistryClient.connect({ registry: registry.host, repository: 'evil', insecure: false });
  await assert.rejects(evil.listTags(), { message: /continues its list of tags on "localhost/ });
});
