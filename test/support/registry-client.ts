/** The client of registries, as a pull uses it, against one on loopback. */
import assert from 'node:assert/strict';
import { decodeManifest, type Descriptor } from '../../src/model/oci-image.ts';
import { RegistryClient } from '../../src/registry/client.ts';
import type { RegistryOptions } from '../../src/registry/connection.ts';
import type { FakeRegistry } from './fake-registry.ts';

export async function connect({ host }: FakeRegistry, options: RegistryOptions = {}): Promise<RegistryClient> {
  const credentials = { username: 'alice', password: 'secret' };
  return await RegistryClient.connect(
    { registry: host, repository: 'app', insecure: false },
    { credentials, ...options },
  );
}

/** Fetch the manifest and the first layer, as a pull does. */
export async function pull(client: RegistryClient): Promise<Buffer> {
  const { bytes, mediaType } = await client.fetchManifest('latest');
  const document = decodeManifest(bytes.toString(), 'app', mediaType);
  assert.ok(document.kind === 'manifest');
  const [layer] = document.manifest.layers;
  return await readAll(client, layer);
}

async function readAll(client: RegistryClient, descriptor: Descriptor | undefined): Promise<Buffer> {
  assert.ok(descriptor);
  const chunks: Buffer[] = [];
  for await (const chunk of client.streamBlob(descriptor)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
