import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { TspodError } from '../../../src/errors.ts';
import { toDigest } from '../../../src/model/digest.ts';
import type { RegistryOptions } from '../../../src/registry/connection.ts';
import { ManifestRefusedError, PushClient, type BlobSource } from '../../../src/registry/push-client.ts';
import { makeFakeImage, startFakeRegistry, type FakeRegistry } from '../../support/fake-registry.ts';

const content = randomBytes(300_000);
const digest = toDigest('sha256', createHash('sha256').update(content).digest('hex'));
const UPLOADS = '/v2/app/blobs/uploads/';

const blob: BlobSource = {
  digest,
  size: content.length,
  open: function* () {
    for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
  },
};

interface Upload {
  readonly registry: FakeRegistry;
  /** What the registry has in the end, by digest. */
  readonly blobs: Map<string, Buffer>;
}

type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A registry that takes uploads, unless the fault takes the request. */
async function startUploads(t: TestContext, fault: Fault = () => false): Promise<Upload> {
  const blobs = new Map<string, Buffer>();
  const sessions = new Map<string, Buffer>();
  const registry = await startFakeRegistry(t, makeFakeImage([]), (request, response) => {
    if (fault(request, response)) return true;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://registry');
    if (request.method === 'HEAD') {
      response.writeHead(blobs.has(pathname.slice(pathname.lastIndexOf('/') + 1)) ? 200 : 404).end();
    } else if (request.method === 'POST') {
      response.writeHead(202, { location: `${UPLOADS}${String(sessions.size)}?state=new` }).end();
      sessions.set(`${UPLOADS}${String(sessions.size)}`, Buffer.alloc(0));
    } else if (request.method === 'PATCH') {
      void request.toArray().then((chunks) => {
        sessions.set(pathname, Buffer.concat(chunks as Buffer[]));
        response.writeHead(202, { location: `${pathname}?state=sent` }).end();
      });
    } else if (request.method === 'PUT') {
      assert.equal(searchParams.get('state'), 'sent');
      blobs.set(searchParams.get('digest') ?? '', sessions.get(pathname) ?? Buffer.alloc(0));
      response.writeHead(201).end();
    } else return false;
    return true;
  });
  return { registry, blobs };
}

async function connect({ host }: FakeRegistry, options: RegistryOptions = {}): Promise<PushClient> {
  const credentials = { username: 'alice', password: 'secret' };
  return await PushClient.connect({ registry: host, repository: 'app', insecure: false }, { credentials, ...options });
}

const methods = ({ requests }: FakeRegistry) => requests.map(({ method }) => method).slice(1);

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
