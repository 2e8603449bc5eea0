import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatYaml } from '../../../src/cli/yaml.ts';

test('words that YAML reads as words stand without quotes', () => {
  const words = {
    kernel: '6.18.44-arch1',
    uptime: '1h 2m 3.00s (Approximately 0.04 days)',
    caps: 'CAP_A,CAP_B',
    v: '0.1.0',
  };
  assert.equal(
    formatYaml(words),
    'kernel: 6.18.44-arch1\nuptime: 1h 2m 3.00s (Approximately 0.04 days)\ncaps: CAP_A,CAP_B\nv: 0.1.0\n',
  );
});

test('what YAML would read as something else stands in quotes', () => {
  for (const text of [
    '',
    '12',
    '-1',
    '1.5',
    '.5',
    '1e3',
    '1_000',
    '0x1f',
    '0o17',
    '0b1',
    '2026-01-02',
    'yes',
    'Null',
    'a: b',
    '- a',
    ' a',
    '#a',
    '1,000',
  ]) {
    assert.equal(formatYaml({ text }), `text: ${JSON.stringify(text)}\n`);
  }
});
