/** A registry on loopback that misbehaves on demand; a well-behaved one is a real docker-registry. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface FakeImage {
  readonly layers: readonly Buffer[];
  readonly manifest: Buffer;
  readonly manifestDigest: string;
  /** By digest: config and layers. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

export interface FakeRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** What was asked so far. */
  readonly requests: IncomingMessage[];
}

/** Answers a request itself, or returns false to have it answered properly. */
export type Intercept = (request: IncomingMessage, response: ServerResponse, registry: FakeRegistry) => boolean;

/** An OCI image of uncompressed layers; their content is nobody's business but the unpacker's. */
export function makeFakeImage(layers: readonly Buffer[], changes: Readonly<Record<string, unknown>> = {}): FakeImage {
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: describe('application/vnd.oci.image.config.v1+json', config),
      layers: layers.map((layer) => describe('application/vnd.oci.image.layer.v1.tar', layer)),
      ...changes,
    }),
  );
  const blobs = new Map([config, ...layers].map((bytes) => [digestOf(bytes), bytes]));
  return { layers, manifest, manifestDigest: digestOf(manifest), blobs };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Serve one image under every repository and tag, until the test ends. */
export async function startFakeRegistry(
  t: TestContext,
  image: FakeImage,
  intercept: Intercept = () => false,
): Promise<FakeRegistry> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    if (!intercept(request, response, registry)) answer(request, response, image);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const registry = { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
  return registry;
}

/** Answer as a good registry does. */
export function answer(request: IncomingMessage, response: ServerResponse, image: FakeImage): void {
  const [path = ''] = (request.url ?? '').split('?');
  const blob = image.blobs.get(path.slice(path.lastIndexOf('/') + 1));
  if (path === '/v2/') {
    response.end('{}');
  } else if (path.includes('/manifests/')) {
    const type = (JSON.parse(image.manifest.toString()) as { mediaType?: string }).mediaType;
    response.writeHead(200, {
      ...(type === undefined ? {} : { 'content-type': type }),
      'docker-content-digest': image.manifestDigest,
      'content-length': image.manifest.length,
    });
    response.end(request.method === 'HEAD' ? undefined : image.manifest);
  } else if (blob !== undefined) {
    sendBlob(request, response, blob);
  } else {
    response.writeHead(404).end('{"errors":[{"code":"BLOB_UNKNOWN","message":"unknown"}]}');
  }
}

/** Send a blob or the part of it that was asked for. */
export function sendBlob(request: IncomingMessage, response: ServerResponse, blob: Buffer): void {
  const start = /^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1];
  if (start === undefined) {
    response.writeHead(200, { 'content-length': blob.length }).end(blob);
    return;
  }
  const part = blob.subarray(Number(start));
  response.writeHead(206, {
    'content-length': part.length,
    'content-range': `bytes ${start}-${blob.length - 1}/${blob.length}`,
  });
  response.end(part);
}

function describe(mediaType: string, bytes: Buffer): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
