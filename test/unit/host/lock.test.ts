import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLock } from '../../../src/host/lock.ts';

test('a clock that is set forward does not end the wait for a lock', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tspod-'));
  t.after(() => rmSync(directory, { recursive: true }));
  let steps = 0;
  t.mock.method(Date, 'now', () => (steps += 3_600_000));
  const held = Promise.withResolvers<undefined>();
  const order: string[] = [];
  const first = withLock(directory, async () => {
    await held.promise;
    order.push('first');
  });
  const second = withLock(directory, () => Promise.resolve(order.push('second')));
  setTimeout(() => held.resolve(undefined), 100);
  await Promise.all([first, second]);
  assert.deepEqual(order, ['first', 'second']);
});

test('a lock that is held for too long is an error', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tspod-'));
  t.after(() => rmSync(directory, { recursive: true }));
  await withLock(directory, async () => {
    await assert.rejects(
      withLock(directory, () => Promise.resolve(), { waitMs: 0 }),
      /is still locked/,
    );
  });
});
