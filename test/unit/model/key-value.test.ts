import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKeyValues } from '../../../src/model/key-value.ts';

test('labels keep newlines, quotes and equals signs in their value', () => {
  assert.deepEqual(parseKeyValues(['a=b=c', 'd', 'e="\n%$'], 'label'), { a: 'b=c', d: '', e: '"\n%$' });
  assert.throws(() => parseKeyValues(['=x'], 'label'), /"=x" is not a label/);
});
