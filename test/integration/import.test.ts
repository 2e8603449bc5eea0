/** `tspod import`: images out of archives of root file systems. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { busyboxRoot } from '../support/busybox.ts';
import { busyboxImage, writeOciArchive } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { writeTar } from '../support/tar.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';
import { startWebServer } from '../support/web-server.ts';

const skip = missing('subuid', 'busybox');
const ID = /^sha256:[0-9a-f]{64}$/;

test('import makes an image that runs as its changes say', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  writeFileSync(join(tspod.folder, 'rootfs.tar'), writeTar(busyboxRoot()));
  const changes = ['-c', 'ENV GREETING="good day"', '--change', 'CMD echo $GREETING', '-c', 'LABEL of=tests'];
  const id = await tspod.ok('import', ...changes, '-m', 'by hand', 'rootfs.tar', 'base:1');
  assert.match(id, ID);
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'localhost/base:1'), 'good day');
  const show = (field: string) => tspod.ok('image', 'inspect', '--format', field, 'base:1');
  assert.equal(await show('{{.Comment}}'), 'by hand');
  assert.equal(await show('{{.Labels.of}}'), 'tests');
  assert.equal(await show('sha256:{{.Id}}'), id);
});

test('import reads standard input, compressed too, and an address', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const tar = writeTar(busyboxRoot());
  for (const input of [tar, gzipSync(tar), zstdCompressSync(tar)]) {
    const { stdout, stderr, exitCode } = await tspod.withInput(input, 'import', '--quiet', '-');
    assert.equal(exitCode, 0, stderr);
    assert.equal(stderr, '');
    assert.match(stdout, ID);
    assert.equal(await tspod.ok('run', '--rm', '--network', 'none', stdout, 'echo', 'runs'), 'runs');
  }
  const address = await startWebServer(t, (request, response) => {
    if (request.url === '/rootfs.tar') response.end(tar);
    else response.writeHead(404).end();
  });
  assert.match(await tspod.ok('import', '--quiet', `${address}/rootfs.tar`, 'from-afar'), ID);
  assert.match((await tspod('import', `${address}/nothing`)).stderr, /cannot be downloaded: .* status 404/);
});

test(
  'import, load and volume import read what xz and bzip2 have compressed',
  { skip: missing('subuid', 'busybox', 'program:xz', 'program:bzip2') },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    const at = (name: string) => join(tspod.folder, name);
    writeFileSync(at('rootfs.tar'), writeTar(busyboxRoot()));
    writeOciArchive(at('image.tar'), busyboxImage(), 'localhost/loaded:latest');
    writeFileSync(at('volume.tar'), writeTar([{ path: 'file', content: 'kept' }]));
    execFileSync('xz', [at('rootfs.tar'), at('volume.tar')]);
    execFileSync('bzip2', [at('image.tar')]);
    await tspod.ok('import', '--quiet', 'rootfs.tar.xz', 'imported');
    await tspod.ok('load', '--quiet', '--input', 'image.tar.bz2');
    await tspod.ok('volume', 'create', 'data');
    await tspod.ok('volume', 'import', 'data', 'volume.tar.xz');
    const show = ['run', '--rm', '--network', 'none', '-v', 'data:/data'];
    for (const name of ['imported', 'loaded']) assert.equal(await tspod.ok(...show, name, 'cat', '/data/file'), 'kept');
    truncateSync(at('volume.tar.xz'), 60);
    const { stderr, exitCode } = await tspod('volume', 'import', 'data', 'volume.tar.xz');
    assert.equal(stderr, 'Error: cannot import "volume.tar.xz" into the volume "data": the xz data ends too early');
    assert.equal(exitCode, 125);
  },
);

test('import names the address whose server stops in the middle, and nothing of it stays', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const tar = writeTar(busyboxRoot());
  const address = await startWebServer(t, (request, response) => {
    const whole = request.url === '/rootfs.tar.gz' ? gzipSync(tar) : tar;
    response.writeHead(200, { 'content-length': whole.length });
    response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
  });
  for (const name of ['rootfs.tar', 'rootfs.tar.gz']) {
    const { exitCode, stdout, stderr } = await tspod('import', `${address}/${name}`);
    assert.equal(
      stderr,
      `Error: "${address}/${name}" cannot be downloaded: its server stopped before the end\n` +
        '  Try again, or download it with a program that can resume, and name the file.',
    );
    assert.equal(stdout, '');
    assert.equal(exitCode, 125);
    assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
  }
});

test('import refuses what it cannot use, and nothing of it stays', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('images');
  const content = () => ['blobs/sha256', 'layers', 'staging'].flatMap((name) => readdirSync(join(tspod.store, name)));
  const before = content();
  writeFileSync(join(tspod.folder, 'text'), 'no archive '.repeat(100));
  writeFileSync(join(tspod.folder, 'good.tar'), writeTar(busyboxRoot()));
  const cases: [string[], RegExp][] = [
    [['nowhere'], /^Error: no file "nowhere"\n {2}try: ls -l \.$/],
    [['.'], /^Error: "\." is a directory, not a tar archive\n/],
    [['n'.repeat(300)], /^Error: "n+" cannot be read: name too long\n/],
    [
      ['http://127.0.0.1:1/rootfs.tar'],
      /^Error: cannot import "http:\/\/127\.0\.0\.1:1\/rootfs\.tar": cannot reach the server "127\.0\.0\.1:1": nothing listens there \(connection refused\)\n {2}Check that it runs: curl -I http:\/\/127\.0\.0\.1:1\/rootfs\.tar$/,
    ],
    [['http://['], /^Error: "http:\/\/\[" is not an address\n/],
    [['text'], /^Error: cannot import "text": .*its tar archive is malformed/],
    [['good.tar', 'UPPER'], /must be lower case/],
    [['--change', 'RUN ls', 'good.tar'], /"RUN ls" for "-c, --change" flag: it is not a change of an image/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, stdout, stderr } = await tspod('import', ...args);
    assert.match(stderr, message);
    assert.match(stderr, /\n {2}\S/, `${args.join(' ')}: a way out`);
    assert.equal(stdout, '');
    assert.equal(exitCode, 125);
    assert.deepEqual(content(), before);
  }
});
