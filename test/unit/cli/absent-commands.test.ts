import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insteadOf } from '../../../src/cli/absent-commands.ts';

test("a command of Podman's that is not here is told with what serves instead, under each of its names", () => {
  assert.match(insteadOf(['build', '.']) ?? '', /tspod load/);
  assert.equal(insteadOf(['image', 'build', '.']), insteadOf(['build']));
  assert.equal(insteadOf(['buildx', 'version']), insteadOf(['build']));
  assert.match(insteadOf(['builder', 'prune', '-f']) ?? '', /tspod image prune/);
  assert.match(insteadOf(['context', 'ls']) ?? '', /no daemon/);
  assert.match(insteadOf(['pod', 'ps']) ?? '', /--network container:NAME/);
  assert.match(insteadOf(['container', 'checkpoint', 'web']) ?? '', /commit/);
  assert.match(insteadOf(['system', 'service']) ?? '', /no daemon/);
});

test('a word that is no command of anybody has nothing instead', () => {
  for (const words of [['pusch'], ['image'], ['image', 'constructor'], ['constructor'], ['container', 'build'], []])
    assert.equal(insteadOf(words), undefined);
});
