import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyFilters, parseFilter } from '../../../src/cli/filter.ts';
import { secretMatchers } from '../../../src/cli/views/secret-view.ts';
import { volumeMatchers } from '../../../src/cli/views/volume-view.ts';
import { UsageError } from '../../../src/errors.ts';

const secret = { id: '0123', name: 'password', created: '', updated: '', labels: {} };
const volume = {
  ...{ name: 'data', created: '2026-01-01T00:00:00Z', anonymous: false, labels: {}, path: '/data', containers: [] },
  ...{ isEmpty: true, isUnclaimed: true },
};

test('a name to filter by is a regular expression', () => {
  assert.deepEqual(applyFilters([secret], [parseFilter('name=^pass')], secretMatchers), [secret]);
  assert.deepEqual(applyFilters([volume], [parseFilter('name=^ata')], volumeMatchers(0)), []);
});

test('a name to filter by that is no regular expression is refused with the value', () => {
  const refusal = (error: unknown) => error instanceof UsageError && error.message.includes('"["');
  assert.throws(() => applyFilters([secret], [parseFilter('name=[')], secretMatchers), refusal);
  assert.throws(() => applyFilters([volume], [parseFilter('name=[')], volumeMatchers(0)), refusal);
});
