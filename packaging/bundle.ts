/**
 * The JavaScript half of the build: all modules in a few scripts, the code V8 makes of them, and oclif's manifest.
 *
 * Start-up is the product (DESIGN.md §2), so (CPU time of the whole process over an empty script, measured):
 * - what a start does not need is in other scripts: one bundle of everything takes 9 ms, the hot half 3 ms;
 * - modules of Node load at their first use: `node:crypto` alone takes 9 ms;
 * - of oclif only the definitions of flags are there, without the help and errors they import: 20 ms -> 1 ms;
 * - koffi's addon is loaded without its search for itself: 15 ms -> 2 ms.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HOT_PACKAGES, readModules, type Module } from './bundle-modules.ts';
import { writeLicences } from './licences.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);

/**
 * Commands on the hot paths, and the script of what they need over those before them: a look at containers, a word with a
 * monitor, a start. Reading V8's code of all of it would take `ps` 3 ms longer.
 */
const HOT = {
  'tspod.js': ['ps', 'inspect', 'version'],
  'tspod-running.js': ['exec', 'attach', 'logs', 'wait', 'kill', 'stop', 'rm'],
  'tspod-start.js': ['run', 'create', 'start'],
};
/** What those import for rare cases: it stays out, and what it imports with it. */
const RARE =
  /^src\/(?:registry\/|engine\/(?:details|doctor|info|images\/(?:pull|load|images))|cli\/(?:help|pull-progress|template|yaml)|host\/(?:checks\/|network\/pasta))/;

/** Write the scripts with their code caches, boot.cjs, koffi.node, licences and oclif.manifest.json below dist/. */
export async function buildBundle(): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const commands = await readCommands();
  await place('oclif.manifest.json', JSON.stringify({ version, commands }));
  const modules = await readModules(
    Object.keys(commands).map((id) => `commands/${id.replaceAll(':', '/')}.ts`),
    {
      TSPOD_COMMANDS: JSON.stringify(names(commands)),
      TSPOD_VERSION: JSON.stringify(version),
    },
  );
  await writeScripts(modules);
  await copyFile(join(import.meta.dirname, 'boot.cjs'), join(dist, 'boot.cjs'));
  const addon = require.resolve(`@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`);
  await copyFile(addon, join(dist, 'koffi.node.new'));
  await rename(join(dist, 'koffi.node.new'), join(dist, 'koffi.node'));
  await copyFile(join(root, 'src/host/seccomp.json'), join(dist, 'seccomp.json'));
  await writeLicences(
    join(dist, 'LICENCES.txt'),
    [...modules.values()].flatMap(({ packages }) => packages),
  );
  await writeCodeCaches();
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

async function writeScripts(modules: ReadonlyMap<string, Module>): Promise<void> {
  const hot = placeHotModules(modules);
  const scriptOf = (id: string) =>
    hot.get(id) ?? (/^(?:src|commands)\//.test(id) ? 'tspod-rare.js' : `package-${id.replaceAll(/\W+/g, '-')}.js`);
  const scripts = Map.groupBy(modules, ([id]) => scriptOf(id));
  const places = Object.fromEntries([...modules.keys()].map((id) => [id, scriptOf(id)]));
  for (const [name, members] of scripts) {
    const bodies = members.map(
      ([id, { text }]) => `${JSON.stringify(id)}:function(module,exports,require,late,__dirname){${text}\n}`,
    );
    const rest = name === 'tspod.js' ? `,places:${JSON.stringify(places)}` : '';
    await rm(join(dist, `${name}.cache`), { force: true });
    await place(name, `({bodies:{${bodies.join(',\n')}}${rest}})`);
  }
}

/** The script of each module on a hot path: the first whose commands load it always; what they may load is in the last. */
function placeHotModules(modules: ReadonlyMap<string, Module>): ReadonlyMap<string, string> {
  const placed = new Map<string, string>();
  const names = Object.keys(HOT);
  for (const [script, commands] of Object.entries(HOT)) {
    const isLast = script === names.at(-1);
    const waiting = ['src/main.ts', ...commands.map((name) => `commands/${name}.ts`), ...(isLast ? placed.keys() : [])];
    const seen = new Set<string>();
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const isPackage = !/^(?:src|commands)\//.test(id);
      if (seen.has(id) || RARE.test(id) || (isPackage && !HOT_PACKAGES.includes(id))) continue;
      seen.add(id);
      if (!placed.has(id)) placed.set(id, script);
      const module = modules.get(id);
      waiting.push(...(module?.imports ?? []), ...(isLast ? (module?.lateImports ?? []) : []));
    }
  }
  return placed;
}

/** Let V8 write down what it compiled when the commands of the hot paths ran. */
async function writeCodeCaches(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'tspod-build-'));
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_RUNTIME_DIR: home, XDG_CONFIG_HOME: home };
  try {
    const warmUp = join(import.meta.dirname, 'warm-up.cjs');
    // Without the flag that native/launcher.c gives: native/flags.c takes it back.
    await run(process.execPath, [warmUp, dist], { env, timeout: 60_000 });
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
