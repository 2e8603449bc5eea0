import assert from 'node:assert/strict';
import test from 'node:test';
import { parseMountFlags } from '../../../src/plan/mount-flags.ts';

test('words of mount(8) become flags, the rest is for the file system', () => {
  assert.deepEqual(parseMountFlags(['ro', 'nosuid', 'rbind', 'rslave', 'size=64m', 'mode=1777']), {
    flags: 1 | 2 | 4096 | 16384,
    propagation: (1 << 19) | 16384,
    data: ['size=64m', 'mode=1777'],
  });
});

test('the later of two words wins', () => {
  assert.equal(parseMountFlags(['ro', 'rw']).flags, 0);
  assert.equal(parseMountFlags(['exec', 'noexec']).flags, 8);
});
