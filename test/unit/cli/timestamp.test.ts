import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTimestamp } from '../../../src/cli/timestamp.ts';

const NOW = Date.UTC(2026, 10, 20);

test('a moment is in RFC 3339, in seconds, or a duration before or after now', () => {
  assert.equal(parseTimestamp('2026-11-20T01:00:00Z', NOW), NOW + 3_600_000);
  assert.equal(parseTimestamp('1700000000.5', NOW), 1_700_000_000_500);
  assert.equal(parseTimestamp('1h', NOW), NOW - 3_600_000);
  assert.equal(parseTimestamp('1h', NOW, 'ahead'), NOW + 3_600_000);
});

test('a moment that no log can have is the first one, or the last', () => {
  for (const text of ['1960-01-01', '0001-01-01T00:00:00Z', '9999999h']) assert.equal(parseTimestamp(text, NOW), 0);
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  for (const text of ['253402300800', '99999999999999999', '9'.repeat(400)]) {
    assert.equal(parseTimestamp(text, NOW), last);
  }
});
