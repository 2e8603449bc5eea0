/** A start compiles nothing that was compiled when the program was built. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const DIST = join(import.meta.dirname, '../../dist');

/** With the flag that native/launcher.c gives. */
const SCRIPT = `
  process.dlopen({ exports: {} }, '${DIST}/flags.node');
  const { readFileSync } = require('fs');
  const { Script } = require('vm');
  const { internalBinding } = require('internal/test/binding');
  require('child_process');
  const file = '${DIST}/tspod.js';
  const ours = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: readFileSync(file + '.cache') });
  const { compiledWithCache } = internalBinding('builtins').getCacheUsage();
  console.log(compiledWithCache.has('child_process'), ours.cachedDataRejected);
`;

test("V8 takes the code that was made of Node's modules and of ours", () => {
  const args = ['--no-rehash-snapshot', '--expose-internals', '--no-warnings', '--eval', SCRIPT];
  assert.equal(execFileSync(process.execPath, args, { encoding: 'utf8' }), 'true false\n');
});
