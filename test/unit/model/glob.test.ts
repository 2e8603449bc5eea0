import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileGlob, isGlob } from '../../../src/model/glob.ts';

const NAMES = ['lib.so', 'lib.so.1', '.lib', 'a+b', '[x]', 'ä', 'a\\b', '^'];

const MATCHES: readonly (readonly [pattern: string, names: readonly string[]])[] = [
  ['*', NAMES],
  ['lib*', ['lib.so', 'lib.so.1']],
  ['lib.so.?', ['lib.so.1']],
  ['?', ['ä', '^']],
  ['[k-m]ib*', ['lib.so', 'lib.so.1']],
  ['[^l]*', ['.lib', 'a+b', '[x]', 'ä', 'a\\b', '^']],
  ['a+b', ['a+b']],
  ['\\[x]', ['[x]']],
  ['[[]*', ['[x]']],
  ['a\\\\b', ['a\\b']],
  ['[\\^]', ['^']],
  ['lib', []],
];

for (const [pattern, names] of MATCHES) {
  test(`the pattern ${pattern} fits ${names.length === 0 ? 'nothing' : names.join(' ')}`, () => {
    assert.deepEqual(
      NAMES.filter((name) => compileGlob(pattern)?.test(name)),
      names,
    );
  });
}

test('an open bracket and a backslash at the end are no pattern', () => {
  for (const pattern of ['a[', '[]', '[^]', 'a\\', '[z-a]']) assert.equal(compileGlob(pattern), undefined);
});

test('a name without special characters is no pattern', () => {
  assert.deepEqual(['lib.so', 'a{b}', 'a*', 'a[b]', 'a\\*'].map(isGlob), [false, false, true, true, true]);
});
