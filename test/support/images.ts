/** The images of the tests, made here: no test needs the internet. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { busyboxRoot } from './busybox.ts';
import { writeTar, type TarEntry } from './tar.ts';

export interface TestImage {
  readonly layers: readonly (readonly TarEntry[])[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly compression?: 'gzip' | 'zstd' | 'none';
  /** A step for each layer unless told. */
  readonly history?: readonly Readonly<Record<string, unknown>>[];
}

/** busybox with a shell, a web server and an editor in it. */
export function busyboxImage(config: TestImage['config'] = {}): TestImage {
  return { layers: [busyboxRoot()], config: { Cmd: ['sh'], Env: ['PATH=/bin:/usr/bin'], ...config } };
}

/** As many layers as an overlay may have: each adds a file and overwrites /last. */
export function manyLayersImage(layers = 127): TestImage {
  const added = Array.from({ length: layers - 1 }, (_, index): TarEntry[] => [
    { path: `layer-${String(index + 2)}`, content: '' },
    { path: 'last', content: `${String(index + 2)}\n` },
  ]);
  return { ...busyboxImage(), layers: [busyboxRoot(), ...added] };
}

/** Files in 200 directories and, with busybox, three layers; a third of their content does not compress. */
export function manyFilesImage({ files = 20_000, bytes = 64 }: { files?: number; bytes?: number } = {}): TestImage {
  const random = noise(files * bytes);
  const layerOf = (layer: number): TarEntry[] => {
    const folder = (n: number) => `data/${String(layer)}/${String(n % 100)}`;
    const content = (n: number) => {
      const own = random.subarray((n * 2 + layer) * Math.floor(bytes / 3)).subarray(0, Math.floor(bytes / 3));
      return Buffer.concat([own, Buffer.alloc(bytes - own.length, 'the same line in every file\n')]);
    };
    return [
      ...Array.from({ length: 100 }, (_, n): TarEntry => ({ path: `${folder(n)}/`, type: 'directory' })),
      ...Array.from({ length: files / 2 }, (_, n): TarEntry => ({
        path: `${folder(n)}/${String(n)}`,
        content: content(n),
      })),
    ];
  };
  return { ...busyboxImage(), layers: [busyboxRoot(), layerOf(0), layerOf(1)] };
}

/** What images on real registries have that a plain directory tree has not. */
export function peculiarImage(): TestImage {
  const long = `deep/${'directory-with-a-long-name/'.repeat(8)}file`;
  const gnuLong = `gnu/${'another-directory-with-a-long-name/'.repeat(6)}file`;
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  // VFS_CAP_REVISION_2 | effective, permitted cap_net_bind_service (10): capabilities(7).
  const capability = bytes('\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00');
  return {
    ...busyboxImage(),
    layers: [
      busyboxRoot(),
      [
        { path: 'keep', content: 'kept\n' },
        { path: 'gone', content: 'to be deleted\n' },
        { path: 'opaque/', type: 'directory' },
        { path: 'opaque/below', content: 'hidden\n' },
        { path: 'replaced/', type: 'directory' },
        { path: 'replaced/inside', content: 'hidden\n' },
        { path: 'hard-a', content: 'one inode\n' },
        { path: 'hard-b', type: 'hardlink', link: 'hard-a' },
        { path: long, content: 'pax\n', longNames: 'pax' },
        { path: gnuLong, content: 'gnu\n', longNames: 'gnu' },
        { path: 'long-link', type: 'symlink', link: `/${long}`, longNames: 'gnu' },
        { path: 'setuid', content: '#!/bin/sh\n', mode: 0o4755 },
        { path: 'setgid/', type: 'directory', mode: 0o2775, gid: 1234 },
        { path: 'owned', content: 'by 1001:2002\n', uid: 1001, gid: 2002 },
        { path: 'owned-high', content: 'by 60000\n', uid: 60_000, gid: 60_000 },
        { path: 'device', type: 'char', device: [1, 3], mode: 0o666 },
        { path: 'fifo', type: 'fifo' },
        { path: 'capable', content: 'x', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': capability } },
        { path: 'tagged', content: 'x', pax: { 'SCHILY.xattr.user.tspod': 'hello' } },
        // GNU.sparse 1.0: a map (one region of 4 bytes at 1 MiB), padded to a block, then the data.
        {
          path: 'GNUSparseFile.0/sparse',
          content: Buffer.concat([bytes(`1\n1048576\n4\n`.padEnd(512, '\0')), bytes('end\n')]),
          pax: {
            'GNU.sparse.major': '1',
            'GNU.sparse.minor': '0',
            'GNU.sparse.name': 'sparse',
            'GNU.sparse.realsize': '1048580',
          },
        },
        { path: 'unicode-\u00e9\u4e2d', content: 'utf-8\n' },
        { path: 'old', content: 'x', mtime: 86_400 },
      ],
      [
        { path: '.wh.gone', content: '' },
        { path: 'opaque/', type: 'directory' },
        { path: 'opaque/.wh..wh..opq', content: '' },
        { path: 'opaque/new', content: 'seen\n' },
        { path: 'replaced', content: 'now a file\n' },
      ],
    ],
  };
}

/** Write an image as an OCI image layout that skopeo, and `load`, can read. */
export function writeOciLayout(folder: string, image: TestImage, tag = 'latest'): void {
  for (const [path, content] of ociLayout(image, tag)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** The same layout as one tar file: `tspod load --input`. */
export function writeOciArchive(path: string, image: TestImage, tag = 'latest'): void {
  writeFileSync(path, writeTar([...ociLayout(image, tag)].map(([name, content]) => ({ path: name, content }))));
}

function ociLayout(
  { layers, config = {}, compression = 'gzip', history }: TestImage,
  tag: string,
): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const blob = (content: Buffer, mediaType: string) => {
    const hex = createHash('sha256').update(content).digest('hex');
    files.set(`blobs/sha256/${hex}`, content);
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const tars = layers.map(writeTar);
  const imageConfig = {
    created: '2026-01-01T00:00:00Z',
    architecture: arch() === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => `sha256:${createHash('sha256').update(tar).digest('hex')}`) },
    history:
      history ?? tars.map((_, index) => ({ created: '2026-01-01T00:00:00Z', created_by: `layer ${String(index)}` })),
  };
  const suffix = { gzip: '+gzip', zstd: '+zstd', none: '' }[compression];
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: blob(Buffer.from(JSON.stringify(imageConfig)), 'application/vnd.oci.image.config.v1+json'),
    layers: tars.map((tar) => blob(compress(tar, compression), `application/vnd.oci.image.layer.v1.tar${suffix}`)),
  };
  const descriptor = blob(Buffer.from(JSON.stringify(manifest)), manifest.mediaType);
  const index = {
    schemaVersion: 2,
    manifests: [{ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': tag } }],
  };
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  files.set('index.json', Buffer.from(JSON.stringify(index)));
  return files;
}

function compress(tar: Buffer, compression: NonNullable<TestImage['compression']>): Buffer {
  if (compression === 'none') return tar;
  return compression === 'gzip' ? gzipSync(tar, { level: 1 }) : zstdCompressSync(tar);
}

/** Bytes that look random and are the same in each run: a cipher's key stream. */
function noise(length: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** A small image that differs from every other. */
export function smallImage(compression: NonNullable<TestImage['compression']> = 'gzip'): TestImage {
  return {
    layers: [[{ path: 'random', content: randomBytes(100_000) }], [{ path: 'other', content: randomBytes(100_000) }]],
    compression,
  };
}
