import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { firstFreeSubid, shellQuote } from '../../../packaging/host-settings.mjs';

test('set-up gives a user subordinate ids that nobody has', () => {
  assert.equal(firstFreeSubid(['', '']), 100_000);
  assert.equal(firstFreeSubid(['alice:100000:65536\nbob:165536:65536\n', 'carol:300000:10\n']), 300_010);
});

test('a quote in a path survives the shell', () => {
  const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellQuote(`it's "here"`)}`], { encoding: 'utf8' });
  assert.equal(stdout, `it's "here"`);
});
