/*
 * The loader of the program. The build has put the modules into a few scripts, tables of functions by module; a script is
 * read when a module of it is first asked for, with the code that V8 made of it when it was built. Node's own compile cache
 * would do the latter from a directory of each user, which has to be writable, filled once and looked up: 2 ms more at
 * every start. V8 refuses the code of another version or with other flags, and compiles the text then.
 */
'use strict';
if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(
    `Error: tspod needs Node.js 24 or newer; the packaged one is missing, and on PATH is ${process.version}`,
  );
  console.error('  try: npm install --include=optional (in the directory of tspod)');
  process.exit(125);
}
takeBackFlags();
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

/** @type {Record<string, Function>} */
const bodies = Object.create(null);
/** @type {Map<string, { exports: any }>} */
const modules = new Map();
/** @type {Map<string, unknown>} */
const builtins = new Map();
/** @type {Map<string, Script>} */
const scripts = new Map();
/** Which script has a module that is not in the first. @type {Record<string, string>} */
let places = {};

if (require.main === module) {
  // Nothing is left to do, then: Node would take 1 ms to tidy up what ends with the process anyway.
  process.once('beforeExit', () => process.exit());
  start();
}

/** Run the program; also for the build, which runs it several times to warm V8 up. */
function start() {
  modules.clear();
  if (scripts.size === 0) places = load('tspod.js').places;
  loadModule('src/main.ts');
}
module.exports = { start, scripts };

/** From here on V8 has the flags with which its code of Node's modules, and of ours, was made: native/flags.c. */
function takeBackFlags() {
  try {
    process.dlopen({ exports: {} }, `${__dirname}/flags.node`);
  } catch {
    // It only saves time.
  }
}

/** @param {string} id */
function loadModule(id) {
  const known = modules.get(id);
  if (known) return known.exports;
  if (!bodies[id]) {
    const script = places[id];
    if (script === undefined) return require(id);
    load(script);
  }
  const loaded = { exports: /** @type {any} */ ({}) };
  modules.set(id, loaded);
  bodies[id]?.(loaded, loaded.exports, loadModule, late, __dirname);
  return loaded.exports;
}

/** @param {string} name */
function load(name) {
  const filename = `${__dirname}/${name}`;
  const source = readFileSync(filename, 'latin1'); // The build writes ASCII: V8 keeps one byte a character.
  const script = new Script(source, { filename, cachedData: readCache(filename) });
  scripts.set(name, script);
  const table = script.runInThisContext();
  Object.assign(bodies, table.bodies);
  return table;
}

/** @param {string} filename */
function readCache(filename) {
  try {
    return readFileSync(`${filename}.cache`);
  } catch {
    return undefined; // It only saves time.
  }
}

/** A module of Node that is loaded when one of its members is first asked for. @param {string} id */
function late(id) {
  const known = builtins.get(id);
  if (known) return known;
  /** @type {any} */
  let loaded;
  const proxy = new Proxy(
    {},
    {
      get(_, key) {
        loaded ??= require(id);
        return key === 'default' ? loaded : loaded[key];
      },
    },
  );
  builtins.set(id, proxy);
  return proxy;
}
