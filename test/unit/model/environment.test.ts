import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvironmentFile, resolveVariable } from '../../../src/model/environment.ts';

test('a variable without a value is taken from the environment, or left out', () => {
  assert.deepEqual(resolveVariable('HOME', { HOME: '/h' }), ['HOME=/h']);
  assert.deepEqual(resolveVariable('NONE', { HOME: '/h' }), []);
  assert.deepEqual(resolveVariable('A=b=c', {}), ['A=b=c']);
  assert.deepEqual(resolveVariable('LC_*', { LC_ALL: 'C', LC_TIME: 'de', LANG: 'C' }), ['LC_ALL=C', 'LC_TIME=de']);
  assert.deepEqual(resolveVariable(' \tA B= c', {}), ['A B= c']);
  assert.throws(() => resolveVariable('=x', {}), /no name/);
  assert.throws(() => resolveVariable(' =x', {}), /no name/);
});

test('an environment file has a variable a line and comments', () => {
  const content = '# comment\n\nA=1\r\n  B="quoted # not a comment"\nHOME\nC=\nexport E=1\n Z = 2\n';
  assert.deepEqual(parseEnvironmentFile(content, 'x.env', { HOME: '/h' }), [
    'A=1',
    'B="quoted # not a comment"',
    'HOME=/h',
    'C=',
    'export E=1',
    'Z = 2',
  ]);
  assert.throws(() => parseEnvironmentFile('A=1\n =2', 'x.env', {}), /line 2 of "x.env"/);
});
