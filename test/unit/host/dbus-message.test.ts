import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage, encodeCall, messageLength } from '../../../src/host/dbus-message.ts';

const call = { destination: 'org.a', path: '/o', interface: 'org.i', member: 'Go' } as const;

test('a call on the wire tells its length, member and leading arguments', () => {
  const bytes = encodeCall(
    {
      ...call,
      body: [
        { type: 's', value: 'tspod-é.scope' },
        { type: 'u', value: 7 },
        { type: 'a(sv)', value: [['PIDs', { type: 'au', value: [1, 2] }]] },
      ],
    },
    5,
  );
  assert.equal(messageLength(bytes), bytes.length);
  const { type, member, args } = decodeMessage(bytes);
  assert.deepEqual({ type, member, args }, { type: 'call', member: 'Go', args: ['tspod-é.scope', 7] });
});

test('a call without a body has none on the wire', () => {
  const bytes = encodeCall(call, 1);
  assert.equal(bytes.readUInt32LE(4), 0);
  assert.equal(bytes.length % 8, 0);
});

test('half a header tells no length yet', () => {
  assert.equal(messageLength(encodeCall(call, 1).subarray(0, 15)), undefined);
});

test('a big-endian error says which call it answers, and why', () => {
  // Type error (3), body of 8 bytes, serial 9; fields: reply serial 5, error name "a.B", signature "s".
  const fields = [
    [5, 1, 0x75, 0, 0, 0, 0, 5],
    [4, 1, 0x73, 0, 0, 0, 0, 3, 0x61, 0x2e, 0x42, 0, 0, 0, 0, 0],
    [8, 1, 0x67, 0, 1, 0x73, 0],
  ].flat();
  const body = [0, 0, 0, 3, 0x6e, 0x6f, 0x21, 0];
  const header = [0x42, 3, 0, 1, 0, 0, 0, body.length, 0, 0, 0, 9, 0, 0, 0, fields.length];
  const padding = Array.from({ length: (8 - (fields.length % 8)) % 8 }, () => 0);
  const bytes = Buffer.from([...header, ...fields, ...padding, ...body]);
  assert.equal(messageLength(bytes), bytes.length);
  const { type, errorName, replySerial, args } = decodeMessage(bytes);
  assert.deepEqual(
    { type, errorName, replySerial, args },
    { type: 'error', errorName: 'a.B', replySerial: 5, args: ['no!'] },
  );
});
