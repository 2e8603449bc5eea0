import assert from 'node:assert/strict';
import test from 'node:test';
import { parseSubids, within } from '../../../src/host/subids.ts';

const alice = { name: 'alice', uid: 1000 };

test('ranges are found by name and by number, in the order of the file', () => {
  const text = 'bob:200000:65536\nalice:100000:65536\n1000:400000:1000\n';
  assert.deepEqual(parseSubids(text, alice), [
    { start: 100000, count: 65536 },
    { start: 400000, count: 1000 },
  ]);
});

test('lines that are malformed or empty give nothing', () => {
  assert.deepEqual(parseSubids('alice:100000\nalice:x:1\nalice:1:0\n\n# alice:1:1\n', alice), []);
});

test('of the ranges of a user, those that the user namespace lacks cannot be given away', () => {
  const here = [
    { start: 0, count: 1000 },
    { start: 100_000, count: 500 },
  ];
  assert.deepEqual(within(here, [{ start: 900, count: 99_200 }]), [
    { start: 900, count: 100 },
    { start: 100_000, count: 100 },
  ]);
  assert.deepEqual(within(here, [{ start: 200_000, count: 65_536 }]), []);
});
