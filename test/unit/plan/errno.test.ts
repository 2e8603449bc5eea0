import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonOfReport } from '../../../src/plan/errno.ts';

test('what the native program reports is said in words', () => {
  assert.equal(reasonOfReport('copy 28 /store/layers/1\n'), '"/store/layers/1": no space left on device');
  assert.equal(reasonOfReport('open 13'), 'permission denied');
  assert.equal(reasonOfReport('setns 3\n'), 'the monitor of the container has ended');
  assert.equal(reasonOfReport('fuse-overlayfs: cannot mount\n'), 'fuse-overlayfs: cannot mount');
  assert.equal(reasonOfReport(''), 'it was killed');
});
