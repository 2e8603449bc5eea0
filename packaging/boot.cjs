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
let cachedData;
try {
  cachedData = readFileSync(`${filename}.cache`);
} catch (error) {
  if (error.code !== 'ENOENT' && error.code !== 'EACCES') throw error;
}
const script = new Script(source, { filename, cachedData });
if (process.env.TSPOD_WRITE_CODE_CACHE) {
  process.on('exit', () =>
    require('node:fs').writeFileSync(process.env.TSPOD_WRITE_CODE_CACHE, script.createCachedData()),
  );
}
script.runInThisContext()(require, module, exports, __filename, __dirname);
