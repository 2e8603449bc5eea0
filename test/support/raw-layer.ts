/** An image of one layer whose bytes a test has made itself, as an oci-archive. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { writeTar } from './tar.ts';

/** Named `localhost/raw:latest`; the diff id may be another than the layer's own. */
export function rawLayerArchive(path: string, layer: Buffer, { diffId }: { readonly diffId?: string } = {}): void {
  const files = new Map<string, Buffer>();
  const blob = (content: Buffer, mediaType: string) => {
    const hex = createHash('sha256').update(content).digest('hex');
    files.set(`blobs/sha256/${hex}`, content);
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const descriptor = blob(layer, 'application/vnd.oci.image.layer.v1.tar');
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [diffId ?? descriptor.digest] },
  };
  const manifest = {
    schemaVersion: 2,
    config: blob(Buffer.from(JSON.stringify(config)), 'application/vnd.oci.image.config.v1+json'),
    layers: [descriptor],
  };
  const entry = {
    ...blob(Buffer.from(JSON.stringify(manifest)), 'application/vnd.oci.image.manifest.v1+json'),
    annotations: { 'org.opencontainers.image.ref.name': 'localhost/raw:latest' },
  };
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] })));
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  writeFileSync(path, writeTar([...files].map(([name, content]) => ({ path: name, content }))));
}
