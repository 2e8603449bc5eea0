import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../../../package.json' with { type: 'json' };

const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');

test('the README has two set-up commands, and npm knows both', () => {
  const commands = [...readme.matchAll(/^ {4}(npm .*?)(?: +#.*)?$/gm)].map(([, command]) => command);
  assert.deepEqual(commands, ['npm run quickstart', 'npm test']);
  assert.ok(packageJson.scripts.quickstart);
  assert.ok(packageJson.scripts.test);
});

test('the scripts that the README names exist', () => {
  const names = [...readme.matchAll(/`npm run ([a-z]+)/g)].map(([, name]) => name);
  assert.ok(names.length > 0);
  assert.deepEqual(
    names.filter((name = '') => !(name in packageJson.scripts)),
    [],
  );
});
