/*
 * Run the commands of the hot paths once, in one process and on a store of its own, so that V8's code of what they ran is
 * kept beside each script: dist/tspod.js.cache. Code that no command ran is compiled when it is needed; code of everything
 * at once takes 4 ms more to read than it saves. What fails here, for want of user namespaces say, is merely not kept.
 */
'use strict';
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');

const dist = process.argv[2] ?? '';
const boot = join(dist, 'boot.cjs');
/** @type {{ start: () => void, scripts: Map<string, import('node:vm').Script> }} */
const { start, scripts } = require(boot);
const IMAGE = 'localhost/tspod/hello';
const LINES = [
  ['ps', '--all'],
  ['images'],
  ['run', '--name', 'w', '-d', '--network', 'none', '-m', '64m', '--pids-limit', '50', '-e', 'A=b', IMAGE],
  ['wait', 'w'],
  ['create', '--name', 'v', '-v', '/tmp:/t:ro', '-p', '8080:80', '--label', 'a=b', IMAGE],
  ['ps', '--all', '--no-trunc', '--filter', 'label=a=b'],
  ['logs', 'w'],
  ['inspect', 'w'],
  ['start', 'w'],
  ['exec', '-it', '-e', 'A=b', 'w', 'true'],
  ['attach', 'w'],
  ['run', '--rm', '--network', 'none', IMAGE],
  ['run', '--rm', '-it', IMAGE],
  ['kill', 'w'],
  ['stop', '--time', '0', 'w'],
  ['rm', '--force', 'w', 'v'],
  ['rm', '--all', '--force'],
];

setFlagsFromString('--no-flush-bytecode'); // What ran first would be forgotten by the end.
// @ts-ignore -- Its type says that it does not return.
process.execve = () => {
  throw new Error('the native client would go on here');
};
process.on('beforeExit', next);
next();

function next() {
  const line = LINES.shift();
  process.exitCode = 0;
  if (!line) {
    process.off('beforeExit', next);
    setFlagsFromString('--flush-bytecode'); // V8 refuses code that was made with other flags than it runs with.
    for (const [name, script] of scripts) writeFileSync(join(dist, `${name}.cache`), script.createCachedData());
    return;
  }
  process.argv = [process.execPath, boot, ...line];
  start();
  setImmediate(() => undefined);
}
