import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.ts';
import { parseHealthCommand, parseHealthInterval, parseHealthTimeout } from '../../../src/model/healthcheck.ts';

for (const [text, expected] of [
  ['curl -f localhost || exit 1', ['CMD-SHELL', 'curl -f localhost || exit 1']],
  ['true', ['CMD-SHELL', 'true']],
  ['["curl", "-f", "a b"]', ['CMD', 'curl', '-f', 'a b']],
  ['["curl -f localhost"]', ['CMD-SHELL', 'curl -f localhost']],
  ['["CMD", "curl"]', ['CMD', 'curl']],
  ['["CMD-SHELL", "exit 1"]', ['CMD-SHELL', 'exit 1']],
  ['CMD curl -f localhost', ['CMD', 'curl', '-f', 'localhost']],
  ['cmd-shell exit 1', ['CMD-SHELL', 'exit 1']],
  ['[ -f /ok ]', ['CMD-SHELL', '[ -f /ok ]']],
  ['none', undefined],
  ['["NONE"]', undefined],
] as const) {
  test(`--health-cmd ${text}`, () => {
    assert.deepEqual(parseHealthCommand(text), expected);
  });
}

for (const text of ['', '  ', '[]', 'CMD', '["CMD-SHELL"]']) {
  test(`--health-cmd "${text}" is refused`, () => {
    assert.throws(() => parseHealthCommand(text), UsageError);
  });
}

test('an interval may be a duration or disable, a timeout has a second at least', () => {
  assert.equal(parseHealthInterval('1m30s'), 90_000);
  assert.equal(parseHealthInterval('disable'), 0);
  assert.throws(() => parseHealthInterval('often'), UsageError);
  assert.equal(parseHealthTimeout('1s'), 1000);
  assert.throws(() => parseHealthTimeout('999ms'), UsageError);
});
