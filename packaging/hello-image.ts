/** The built-in image: one static program as an OCI image layout, the same bytes from the same program. */
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const NAME = 'localhost/tspod/hello:latest';
const CREATED = '2026-01-01T00:00:00Z';
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Write the image whose only file is this program.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function writeHelloImage(directory: string, program: Buffer): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'blobs/sha256'), { recursive: true });
  const addBlob = async (mediaType: string, content: Buffer): Promise<Descriptor> => {
    const hex = sha256(content);
    await writeFile(join(directory, 'blobs/sha256', hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };

  const tar = tarOfOne('hello', program);
  const layer = await addBlob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar, { level: 9 }));
  const config = await addBlob(
    'application/vnd.oci.image.config.v1+json',
    json({
      created: CREATED,
      architecture: ARCHITECTURES[process.arch] ?? process.arch,
      os: 'linux',
      config: { Env: ['PATH=/'], Cmd: ['/hello'], WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(tar)}`] },
      history: [{ created: CREATED, created_by: 'tspod build of native/hello.c' }],
    }),
  );
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await addBlob(mediaType, json({ schemaVersion: 2, mediaType, config, layers: [layer] }));

  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': NAME } };
  await writeFile(join(directory, 'index.json'), json({ schemaVersion: 2, manifests: [named] }));
  await writeFile(join(directory, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
}

/** A tar archive of one executable, owned by root and made at the beginning of time. */
function tarOfOne(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const put = (offset: number, text: string): number => header.write(text, offset, 'latin1');
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  put(0, name);
  put(100, octal(0o755, 7));
  put(108, octal(0, 7)); // uid
  put(116, octal(0, 7)); // gid
  put(124, octal(content.length, 11));
  put(136, octal(0, 11)); // mtime
  put(148, ' '.repeat(8)); // The checksum counts its own field as spaces: tar(5).
  put(156, '0');
  put(257, 'ustar\x0000');
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  put(148, `${octal(checksum, 6)} `);
  const padding = Buffer.alloc(-content.length & 511);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
