import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { decompress } from '../../../src/store/decompress.ts';
import { missing } from '../../support/missing.ts';

const HELLO = Buffer.from('hello '.repeat(1000));
const WORLD = Buffer.from('world '.repeat(200_000));
const [HELLO_FRAME, WORLD_FRAME] = [zstdCompressSync(HELLO), zstdCompressSync(WORLD)];

/** Magic 0x184D2A50 to 0x184D2A5F, a length, and so many bytes: RFC 8878, 3.1.2. */
function skippable(content: string, variant = 0): Buffer {
  const header = Buffer.from([0x50 + variant, 0x2a, 0x4d, 0x18, content.length, 0, 0, 0]);
  return Buffer.concat([header, Buffer.from(content)]);
}

async function* chunked(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield await Promise.resolve(data.subarray(at, at + size));
}

async function through(data: Buffer, chunkSize: number): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(decompress(chunked(data, chunkSize))));
}

const SIZES = [1, 7, 4096, 1 << 20];

test('gzip of several members, as pigz and eStargz write it, is read to its end', async () => {
  const data = Buffer.concat([gzipSync(HELLO), gzipSync(WORLD), gzipSync('')]);
  for (const size of SIZES) assert.ok((await through(data, size)).equals(Buffer.concat([HELLO, WORLD])), String(size));
});

test('zstd of several frames in one chunk is read to its end', async () => {
  const data = Buffer.concat([HELLO_FRAME, WORLD_FRAME, HELLO_FRAME]);
  for (const size of SIZES) {
    assert.ok((await through(data, size)).equals(Buffer.concat([HELLO, WORLD, HELLO])), String(size));
  }
});

test('skippable frames of zstd:chunked and pzstd are left out, first, last and between', async () => {
  const data = Buffer.concat([
    skippable('index', 0),
    HELLO_FRAME,
    skippable('', 3),
    skippable('table of contents', 15),
    WORLD_FRAME,
    skippable('footer', 7),
  ]);
  for (const size of SIZES) assert.ok((await through(data, size)).equals(Buffer.concat([HELLO, WORLD])), String(size));
});

test('an empty stream, and one that is not compressed, pass unchanged', async () => {
  assert.equal((await through(Buffer.alloc(0), 1)).length, 0);
  assert.equal((await through(Buffer.from('ab'), 1)).toString(), 'ab');
  assert.ok((await through(WORLD, 4096)).equals(WORLD));
});

test('data that ends too early is refused wherever it is cut', async () => {
  for (const whole of [gzipSync(HELLO), HELLO_FRAME, Buffer.concat([HELLO_FRAME, skippable('footer')])]) {
    for (const cut of [whole.length - 1, whole.length - 5, whole.length - 12, 6]) {
      await assert.rejects(through(whole.subarray(0, cut), 4096), /ends too early/, `${cut} of ${whole.length}`);
    }
  }
});

test('damaged data is refused with a sentence', async () => {
  const damaged = Buffer.from(WORLD_FRAME);
  damaged.fill(0xff, 12, 40);
  await assert.rejects(through(damaged, 4096), /zstd data is damaged|ends too early/);
  await assert.rejects(through(Buffer.concat([HELLO_FRAME, Buffer.from('garbage')]), 4096), /zstd data is damaged/);
  await assert.rejects(through(Buffer.concat([gzipSync(HELLO), Buffer.from('garbage')]), 4096), /gzip data is damaged/);
});

for (const program of ['xz', 'bzip2'] as const) {
  const skip = missing(`program:${program}`);
  const compress = (data: Buffer) => execFileSync(program, ['-c'], { input: data });

  test(`${program} of several streams is read to its end`, { skip }, async () => {
    const data = Buffer.concat([compress(HELLO), compress(WORLD)]);
    for (const size of [7, 4096, 1 << 20]) {
      assert.ok((await through(data, size)).equals(Buffer.concat([HELLO, WORLD])), String(size));
    }
  });

  test(`${program} data that is cut or damaged is refused with a sentence`, { skip }, async () => {
    const whole = compress(randomBytes(100_000));
    await assert.rejects(through(whole.subarray(0, -5), 4096), { message: `the ${program} data ends too early` });
    await assert.rejects(through(whole.subarray(0, 8), 4096), { message: `the ${program} data ends too early` });
    whole.fill(0xff, 50_000, 50_100);
    await assert.rejects(through(whole, 4096), { message: `the ${program} data is damaged` });
  });

  test(`who stops reading ends ${program}`, { skip }, async () => {
    for await (const chunk of decompress(chunked(compress(WORLD), 4096))) {
      assert.ok(chunk.length > 0);
      break;
    }
  });

  test(`an error of the source comes through ${program}`, { skip }, async () => {
    const source = async function* () {
      yield await Promise.resolve(compress(WORLD).subarray(0, 100));
      throw new Error('connection lost');
    };
    await assert.rejects(Array.fromAsync(decompress(source())), /connection lost/);
  });
}

test('where xz and bzip2 are not installed, or end by a signal, a sentence says so', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-'));
  const { PATH } = process.env;
  process.env['PATH'] = folder;
  t.after(() => {
    process.env['PATH'] = PATH;
    rmSync(folder, { recursive: true });
  });
  await assert.rejects(through(Buffer.from('BZh91AY&SY'), 4096), {
    message: 'it is compressed with bzip2, and the program "bzip2" is not installed',
    remedy: /apt-get install bzip2 /,
  });
  const xz = Buffer.from('fd377a585a000000', 'hex');
  await assert.rejects(through(xz, 4096), { remedy: /apt-get install xz-utils \(Debian, Ubuntu\), dnf install xz / });
  writeFileSync(join(folder, 'xz'), '#!/bin/sh\nkill -KILL $$\n', { mode: 0o755 });
  await assert.rejects(through(xz, 4096), { message: '"xz", which decompressed it, was ended by SIGKILL' });
});

test('an error of the source comes through', async () => {
  const source = async function* () {
    yield await Promise.resolve(gzipSync(WORLD).subarray(0, 100));
    throw new Error('connection lost');
  };
  await assert.rejects(Array.fromAsync(decompress(source())), /connection lost/);
});
