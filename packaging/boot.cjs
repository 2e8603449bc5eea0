/*
 * Load the bundle with the code that V8 made of it when it was built. Node's own compile cache would do the same
 * from a directory of each user, which has to be writable, filled once, and looked up: 2 ms more at every start.
 * V8 refuses the code of another version or with other flags, and compiles the text then.
 */
'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = `${__dirname}/tspod.js`;
const source = readFileSync(filename, 'latin1'); // esbuild writes ASCII: V8 keeps one byte a character.
const script = new Script(source, { filename, cachedData: readCache() });
script.runInThisContext()(require, module, exports, __filename, __dirname);

function readCache() {
  try {
    return readFileSync(`${filename}.cache`);
  } catch {
    return undefined; // It only saves time.
  }
}
