import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { parseExport } from '../../../src/host/journal-export.ts';

/** Two entries; the message of the second holds newlines, equals signs and a byte that is no text. */
const message = Buffer.from([0x61, 0x0a, 0x3d, 0x0a, 0x0a, 0xff]);
const length = Buffer.from([message.length, 0, 0, 0, 0, 0, 0, 0]);
const stream = Buffer.concat([
  Buffer.from('__CURSOR=s=1;i=2\nMESSAGE=a=b\n\n__CURSOR=c2\nMESSAGE\n'),
  length,
  message,
  Buffer.from('\nPRIORITY=3\n\n'),
]);

for (const size of [1, 7, stream.length]) {
  test(`entries are found in pieces of ${String(size)} bytes`, async () => {
    const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, n) =>
      stream.subarray(n * size, (n + 1) * size),
    );
    const entries = await Array.fromAsync(parseExport(Readable.from(pieces)));
    assert.deepEqual(
      entries.map((fields) => [...fields].map(([name, value]) => [name, value.toString('latin1')])),
      [
        [
          ['__CURSOR', 's=1;i=2'],
          ['MESSAGE', 'a=b'],
        ],
        [
          ['__CURSOR', 'c2'],
          ['MESSAGE', 'a\n=\n\n\xff'],
          ['PRIORITY', '3'],
        ],
      ],
    );
  });
}

test('an entry that is not whole is not given', async () => {
  assert.deepEqual(await Array.fromAsync(parseExport(Readable.from([Buffer.from('__CURSOR=c1\nMESS')]))), []);
});
