/**
 * The JavaScript half of the build: one file with all commands, the code V8 makes of it, and oclif's manifest.
 *
 * Start-up is the product, so two things happen on the way (measured on an idle machine, whole process, over an
 * empty script): modules of Node and of oclif load at their first use instead of at the top of the file (oclif's
 * flags alone 20 ms -> 1 ms, `node:crypto` 9 ms -> 0 where it is not used), and koffi's addon is loaded without
 * its search for itself (15 ms -> 2 ms).
 */
import { build, type Plugin } from 'esbuild';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);

/** Write tspod.js, its code cache, boot.cjs, the launcher, koffi.node and oclif.manifest.json below dist/. */
export async function buildBundle(): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const commands = await readCommands();
  await place('oclif.manifest.json', JSON.stringify({ version, commands }));
  const output = await build({
    entryPoints: [join(root, 'src/main.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Without identifiers: a stack trace asked for with TSPOD_DEBUG stays readable, and errors keep their names.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    supported: { 'dynamic-import': false },
    define: {
      'import.meta.dirname': '__dirname',
      TSPOD_COMMANDS: JSON.stringify(names(commands)),
      TSPOD_VERSION: JSON.stringify(version),
    },
    plugins: [loadLate, addon],
    logLevel: 'warning',
  });
  const text = output.outputFiles[0]?.text ?? '';
  await place('tspod.js', `(function(require,module,exports,__filename,__dirname){${LATE}${lateBuiltins(text)}\n})`);
  await rm(join(dist, 'tspod.js.cache'), { force: true });
  await copyFile(join(import.meta.dirname, 'boot.cjs'), join(dist, 'boot.cjs'));
  await copyFile(
    require.resolve(`@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`),
    join(dist, 'koffi.node.new'),
  );
  await rename(join(dist, 'koffi.node.new'), join(dist, 'koffi.node'));
  await copyFile(join(root, 'src/host/seccomp.json'), join(dist, 'seccomp.json'));
  await copyFile(join(import.meta.dirname, 'launcher'), join(dist, 'tspod'));
  await chmod(join(dist, 'tspod'), 0o755);
  await writeCodeCache();
}

interface ManifestCommand {
  readonly id: string;
  readonly aliases: readonly string[];
}

/** Every command as oclif describes it, by id: `container:run`. */
async function readCommands(): Promise<Record<string, ManifestCommand>> {
  // oclif exports its manifest's writer to its own program alone.
  const { cacheCommand } = require(join(root, 'node_modules/@oclif/core/lib/util/cache-command.js')) as {
    cacheCommand: (command: object) => Promise<ManifestCommand>;
  };
  const files = await readdir(join(root, 'commands'), { recursive: true });
  const commands: Record<string, ManifestCommand> = {};
  for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
    const { default: command } = (await import(join(root, 'commands', file))) as { default: object };
    const id = file.replace(/[.]ts$/, '').replaceAll('/', ':');
    commands[id] = await cacheCommand(Object.assign(command, { id }));
  }
  return commands;
}

/** What the user may type, words apart, and the command that it names. */
function names(commands: Record<string, ManifestCommand>): Record<string, string> {
  const table: Record<string, string> = {};
  for (const [id, { aliases }] of Object.entries(commands)) {
    for (const name of [id, ...aliases]) {
      const typed = name.replaceAll(':', ' ');
      if (table[typed] !== undefined) throw new Error(`"tspod ${typed}" is both ${table[typed]} and ${id}`);
      table[typed] = id.replaceAll(':', ' ');
    }
  }
  return table;
}

/** A module that is loaded when one of its members is first asked for. */
const LATE =
  'const __late=(load)=>{let module;return new Proxy({},{' +
  'get:(_,key)=>(module??=load())[key],' +
  'has:(_,key)=>key in(module??=load()),' +
  'ownKeys:()=>Reflect.ownKeys(module??=load()),' +
  'getOwnPropertyDescriptor:(_,key)=>({value:(module??=load())[key],enumerable:true,configurable:true})})};';

/** oclif's modules load each other at the top; here each waits for its first use. */
const loadLate: Plugin = {
  name: 'load late',
  setup(build) {
    build.onLoad({ filter: /@oclif\/core\/lib\/.*[.]js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const line = /^const (\w+) = ((?:__importDefault|__importStar)?\(?require\("[^"]+"\)\)?);$/gm;
      return { contents: text.replace(line, 'const $1 = __late(() => $2);') };
    });
    build.onResolve({ filter: /^typescript$/ }, () => ({ path: 'typescript', external: true })); // oclif's for development.
  },
};

/** `require("node:crypto")` at the top of a module of ours. esbuild reaches members through the variable alone. */
function lateBuiltins(text: string): string {
  const assignment = /\b(import_\w+)=(?:__toESM\()?require\("([^"]+)"\)(?:,1\)|\))?/g;
  return text.replace(assignment, (whole, variable: string, module: string) =>
    isBuiltin(module) && !whole.includes('__toESM') ? `${variable}=__late(()=>require("${module}"))` : whole,
  );
}

/** koffi's own loader looks for its addon in thirty places. */
const addon: Plugin = {
  name: 'koffi',
  setup(build) {
    build.onResolve({ filter: /^koffi$/ }, () => ({ path: 'koffi', namespace: 'addon' }));
    const contents = 'export default __late(() => require("./koffi.node"));';
    build.onLoad({ filter: /.*/, namespace: 'addon' }, () => ({ contents, loader: 'js' }));
    build.onResolve({ filter: /^[.]\/koffi[.]node$/ }, () => ({ path: './koffi.node', external: true }));
  },
};

/** Let V8 write down what it compiled when the commands of the hot paths ran. */
async function writeCodeCache(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'tspod-build-'));
  const cache = join(dist, 'tspod.js.cache');
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_RUNTIME_DIR: home, XDG_CONFIG_HOME: home };
  try {
    await run(process.execPath, [join(import.meta.dirname, 'warm-up.cjs'), dist, `${cache}.new`], {
      env,
      timeout: 60_000,
    });
    await rename(`${cache}.new`, cache);
  } catch (error) {
    console.warn(`no code cache, every start takes 15 ms more: ${(error as Error).message}`);
  } finally {
    await run(process.execPath, [join(dist, 'boot.cjs'), 'unshare', 'rm', '-rf', home], { env }).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}

async function place(name: string, text: string): Promise<void> {
  await writeFile(join(dist, `${name}.new`), text);
  await rename(join(dist, `${name}.new`), join(dist, name));
}
