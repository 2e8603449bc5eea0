/** A fake registry that takes uploads, what is sent to it, and a client that sends. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { toDigest } from '../../src/model/digest.ts';
import type { RegistryOptions } from '../../src/registry/connection.ts';
import { PushClient, type BlobSource } from '../../src/registry/push-client.ts';
import { makeFakeImage, startFakeRegistry, type FakeRegistry } from './fake-registry.ts';

export const content = randomBytes(300_000);
export const digest = toDigest('sha256', createHash('sha256').update(content).digest('hex'));
export const UPLOADS = '/v2/app/blobs/uploads/';

export const blob: BlobSource = {
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

export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A registry that takes uploads, unless the fault takes the request. */
export async function startUploads(t: TestContext, fault: Fault = () => false): Promise<Upload> {
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

export async function connect({ host }: FakeRegistry, options: RegistryOptions = {}): Promise<PushClient> {
  const credentials = { username: 'alice', password: 'secret' };
  return await PushClient.connect({ registry: host, repository: 'app', insecure: false }, { credentials, ...options });
}

export const methods = ({ requests }: FakeRegistry) => requests.map(({ method }) => method).slice(1);
