/** `tspod load`: archives and layouts of other programs, whole and broken. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  busyboxImage,
  manyFilesImage,
  manyLayersImage,
  writeOciArchive,
  writeOciLayout,
  type TestImage,
} from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { writeTar } from '../support/tar.ts';
import { openTerminal } from '../support/terminal.ts';
import { tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';
import { startWebServer } from '../support/web-server.ts';

const skip = missing('subuid', 'busybox');
const needsSkopeo = missing('subuid', 'busybox', 'program:skopeo');

const SMALL: TestImage = { layers: [[{ path: 'a', content: 'a' }], [{ path: 'b', content: 'b' }]] };

/** What skopeo makes of an image of ours: another program's idea of the format. */
function convert(tspod: Tspod, image: TestImage, to: (folder: string) => string): void {
  const layout = join(tspod.folder, 'layout');
  writeOciLayout(layout, image, 'latest');
  execFileSync('skopeo', ['--insecure-policy', 'copy', '--quiet', `oci:${layout}:latest`, to(tspod.folder)]);
}

function countLayers(tspod: Tspod): number {
  return readdirSync(join(tspod.store, 'layers')).filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
}

function assertNothingStaged(tspod: Tspod): void {
  assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
  assert.deepEqual(
    readdirSync(join(tspod.store, 'layers')).filter((name) => name.startsWith('.')),
    [],
  );
}

test(
  'a docker-archive is loaded from a file, from standard input, and compressed',
  { skip: needsSkopeo },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    convert(tspod, busyboxImage(), (folder) => `docker-archive:${folder}/image.tar:busybox:1.36`);
    const archive = join(tspod.folder, 'image.tar');
    const loaded = 'Loaded image: docker.io/library/busybox:1.36';
    assert.equal(await tspod.ok('load', '--input', archive), loaded);
    const bytes = readFileSync(archive);
    for (const input of [bytes, gzipSync(bytes), zstdCompressSync(bytes)]) {
      await tspod.ok('rmi', 'busybox:1.36');
      const { stdout, stderr } = await tspod.withInput(input, 'load');
      assert.equal(stdout, loaded, stderr);
    }
    assertNothingStaged(tspod);
  },
);

test('an archive is loaded from an address, and nothing of one that breaks off stays', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const file = join(tspod.folder, 'image.tar');
  writeOciArchive(file, SMALL, 'localhost/small:1');
  const archive = readFileSync(file);
  const address = await startWebServer(t, (request, response) => {
    if (request.url === '/image.tar') response.end(archive);
    else if (request.url === '/image.tar.gz') response.end(gzipSync(archive));
    else if (request.url === '/moved') response.writeHead(302, { location: '/image.tar' }).end();
    else if (request.url === '/half') {
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, archive.length / 2), () => response.destroy());
    } else response.writeHead(404).end('no such file');
  });
  for (const path of ['image.tar', 'image.tar.gz', 'moved']) {
    assert.equal(await tspod.ok('load', '--quiet', '-i', `${address}/${path}`), 'Loaded image: localhost/small:1');
    await tspod.ok('rmi', 'small:1');
  }
  const unreachable = 'http://127.0.0.1:1/image.tar';
  for (const [source, message] of [
    [
      `${address}/nothing`,
      `"${address}/nothing" cannot be downloaded: its server answered with status 404\n  try: curl --location --head ${address}/nothing`,
    ],
    [
      `${address}/half`,
      `"${address}/half" cannot be downloaded: its server stopped before the end\n` +
        '  Try again, or download it with a program that can resume, and name the file.',
    ],
    [
      unreachable,
      `cannot load "${unreachable}": cannot reach the server "127.0.0.1:1": nothing listens there (connection refused)\n` +
        `  Check that it runs: curl -I ${unreachable}`,
    ],
  ] as const) {
    const { stdout, stderr, exitCode } = await tspod('load', '--input', source);
    assert.deepEqual([stdout, stderr, exitCode], ['', `Error: ${message}`, 125]);
    assertNothingStaged(tspod);
  }
});

test('an oci-archive and an OCI directory are loaded, with every compression of layers', { skip }, async (t) => {
  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    const tspod = await tspodWithEmptyStore(t);
    const archive = join(tspod.folder, 'image.tar');
    writeOciArchive(archive, { ...busyboxImage(), compression }, 'localhost/archive:1');
    assert.equal(await tspod.ok('load', '--input', archive), 'Loaded image: localhost/archive:1', compression);
    writeOciLayout(join(tspod.folder, 'directory'), { ...busyboxImage(), compression }, 'tag');
    assert.equal(await tspod.ok('load', '--input', 'directory'), 'Loaded image: localhost/tag:latest', compression);
  }
});

test('load shows its layers on standard error, and nothing of them with --quiet', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const archive = join(tspod.folder, 'image.tar');
  writeOciArchive(archive, SMALL, 'localhost/small:1');
  const { stdout, stderr } = await tspod('load', '--input', archive);
  assert.equal(stdout, 'Loaded image: localhost/small:1');
  assert.match(stderr, /^(Copying blob sha256:[0-9a-f]{64}\n){2}Copying config sha256:[0-9a-f]{64}$/);
  assert.equal((await tspod('load', '--quiet', '--input', archive)).stderr, '');
});

test('on a terminal a layer that is done before its bar is shown is shown as done', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const archive = join(tspod.folder, 'image.tar');
  writeOciArchive(archive, SMALL, 'localhost/small:1');
  const load = [tspod.program, 'load', '--input', archive];
  const first = openTerminal(t, load, tspod.env);
  await first.shows(/✔\S* Copying blob [0-9a-f]{12} \d[^]*Loaded image/);
  const again = openTerminal(t, load, tspod.env);
  await again.shows(/✔\S* Copying blob [0-9a-f]{12} skipped: already exists[^]*Loaded image/);
});

test('skopeo reads the store as the OCI layout it is', { skip: needsSkopeo }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  const copy = `oci:${join(tspod.folder, 'copy')}:latest`;
  execFileSync('skopeo', ['--insecure-policy', 'copy', '--quiet', `oci:${tspod.store}:localhost/busybox:latest`, copy]);
  const [id] = (await tspod.ok('images', '--quiet', '--no-trunc', 'localhost/busybox')).split('\n');
  await tspod.ok('rmi', 'localhost/busybox');
  await tspod.ok('load', '--input', 'copy');
  assert.equal(await tspod.ok('images', '--quiet', '--no-trunc', 'localhost/latest'), id);
});

test('an archive of several images gives each of them', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const folder = join(tspod.folder, 'both');
  writeOciLayout(folder, SMALL, 'localhost/one:1');
  const first = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: unknown[] };
  writeOciLayout(folder, busyboxImage(), 'localhost/two:2');
  const second = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: unknown[] };
  const manifests = [...first.manifests, ...second.manifests];
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  assert.equal(
    await tspod.ok('load', '--input', folder),
    'Loaded image: localhost/one:1\nLoaded image: localhost/two:2',
  );
});

test('of an index inside the index, the image for this machine is taken', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const folder = join(tspod.folder, 'nested');
  writeOciLayout(folder, SMALL, 'unused');
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: object[] };
  const [own] = index.manifests;
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const absent = { ...own, digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'linux', architecture: 's390x' } };
  const nested = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [absent, { ...own, platform: { os: 'linux', architecture } }],
    }),
  );
  const { createHash } = await import('node:crypto');
  const hex = createHash('sha256').update(nested).digest('hex');
  writeFileSync(join(folder, 'blobs/sha256', hex), nested);
  const entry = {
    mediaType: 'application/vnd.oci.image.index.v1+json',
    digest: `sha256:${hex}`,
    size: nested.length,
    annotations: { 'org.opencontainers.image.ref.name': 'localhost/nested:1' },
  };
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  assert.equal(await tspod.ok('load', '--input', folder), 'Loaded image: localhost/nested:1');
});

test('an image of 127 layers and one of 20,000 files are loaded', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.load(manyLayersImage(), 'localhost/many-layers:latest');
  await tspod.load(manyFilesImage(), 'localhost/many-files:latest');
  const layers = await tspod.ok('image', 'inspect', '--format', '{{len .RootFS.Layers}}', 'localhost/many-layers');
  assert.equal(layers, '127');
  const [, folder] = (
    await tspod.ok('image', 'inspect', '--format', '{{index .RootFS.Layers 1}}', 'localhost/many-files')
  ).split(':');
  const files = readdirSync(join(tspod.store, 'layers', folder ?? ''), { recursive: true, withFileTypes: true });
  assert.equal(files.filter((file) => file.isFile()).length, 10_000);
});

test('what is no image archive, or a broken one, is refused in one sentence', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('images');
  const folder = join(tspod.folder, 'layout');
  writeOciLayout(folder, SMALL, 'localhost/small:1');
  const blobs = join(folder, 'blobs/sha256');
  const broken = (name: string, change: (copy: string) => void) => {
    cpSync(folder, join(tspod.folder, name), { recursive: true });
    change(join(tspod.folder, name));
    return name;
  };
  const layer = readdirSync(blobs).find((name) => readFileSync(join(blobs, name)).readUInt16BE(0) === 0x1f8b) ?? '';
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(tspod.folder, name), content);
    return name;
  };
  mkdirSync(join(tspod.folder, 'empty'));
  const cases: [string, RegExp][] = [
    ['nowhere', /^Error: no file "nowhere"/],
    ['empty', /"empty" is not an image archive: it has neither a manifest.json nor an index.json/],
    [file('text', 'no archive'.repeat(100)), /cannot load "text": it is not a tar archive/],
    [
      file('cut.gz', gzipSync('x'.repeat(10_000)).subarray(0, 40)),
      /cannot load "cut.gz": the gzip data ends too early/,
    ],
    [
      file('cut.xz', Buffer.from('fd377a585a000000', 'hex')),
      /cannot load "cut.xz": (the xz data ends too early|it is compressed with xz, and the program "xz" is not installed)/,
    ],
    [file('other.tar', writeTar([{ path: 'x', content: 'x' }])), /neither a manifest.json nor an index.json/],
    [file('json.tar', writeTar([{ path: 'manifest.json', content: '{' }])), /malformed: it is not JSON/],
    [
      file('docker.tar', writeTar([{ path: 'manifest.json', content: '[{"Config":"c","Layers":[]}]' }])),
      /"docker.tar" is malformed: it has no file "c"/,
    ],
    [
      broken('no-layer', (copy) => rmSync(join(copy, 'blobs/sha256', layer))),
      /"no-layer" is incomplete: it has no blob/,
    ],
    [
      broken('other-layer', (copy) => {
        const path = join(copy, 'blobs/sha256', layer);
        const bytes = readFileSync(path);
        bytes[bytes.length - 1] = 0xff;
        writeFileSync(path, bytes);
      }),
      /cannot use the layer "sha256:[0-9a-f]{64}": (its content has the digest "sha256:[0-9a-f]{64}"|the gzip data is damaged)/,
    ],
    [
      broken('other-manifest', (copy) => {
        const index = readFileSync(join(copy, 'index.json'), 'utf8');
        const hex = /sha256:([0-9a-f]{64})/.exec(index)?.[1] ?? '';
        const path = join(copy, 'blobs/sha256', hex);
        writeFileSync(path, readFileSync(path, 'utf8').replace('"schemaVersion":2', '"schemaVersion":3'));
      }),
      /"other-manifest" is damaged: its blob "sha256:[0-9a-f]{64}" has other content/,
    ],
  ];
  const before = countLayers(tspod);
  for (const [input, message] of cases) {
    const { stdout, stderr, exitCode } = await tspod('load', '--input', input);
    assert.match(stderr, message, input);
    assert.match(stderr, /\n {2}\S/, `${input}: a way out`);
    assert.equal(exitCode, 125, input);
    assert.equal(stdout, '', input);
    assertNothingStaged(tspod);
  }
  assert.equal(countLayers(tspod), before);
  assert.equal((await tspod('image', 'exists', 'localhost/small:1')).exitCode, 1);
});

test('a load that is killed leaves a store that works, and the next one clears up', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const archive = join(tspod.folder, 'large.tar');
  writeOciArchive(archive, manyFilesImage({ files: 4000, bytes: 6000 }), 'localhost/large:latest');
  const began = performance.now();
  await tspod.ok('load', '--input', archive);
  const wholeMs = performance.now() - began;
  for (const part of [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1]) {
    await tspod.ok('rmi', '--ignore', 'localhost/large');
    await tspod.killAfter(part * wholeMs, 'load', '--input', archive);
    assert.match(await tspod.ok('images'), /localhost\/tspod\/hello/);
    await tspod.load(SMALL, 'localhost/small:1');
    assertNothingStaged(tspod);
  }
  await tspod.ok('load', '--input', archive);
  assertNothingStaged(tspod);
  assert.match(await tspod.ok('images'), /localhost\/large/);
});
