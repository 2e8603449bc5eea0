import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitCommaList } from '../../../src/model/comma-list.ts';

test('a comma within double quotes does not separate', () => {
  assert.deepEqual(splitCommaList('a,"b,c","d ""e""",'), ['a', 'b,c', 'd "e"', '']);
});
