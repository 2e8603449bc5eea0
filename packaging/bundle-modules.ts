/** The modules of the bundle: ours one by one, each package with all that it imports. */
import { build, transform } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');

/** Packages that belong to a hot script; each other one is a script of its own. */
export const HOT_PACKAGES = ['@oclif/core/flags', '@oclif/core/args', 'koffi'];

export interface Module {
  readonly text: string;
  /** Ids of what it imports when it is loaded. */
  readonly imports: readonly string[];
  /** Ids of what it imports later, if at all. */
  readonly lateImports: readonly string[];
  /** Directories of the packages that it contains. */
  readonly packages: readonly string[];
}

/** main.ts, the commands, and all they import, by id: the path below the root, or the name of a package. */
export async function readModules(
  commands: readonly string[],
  define: Record<string, string>,
): Promise<Map<string, Module>> {
  const modules = new Map<string, Module>();
  const waiting = ['src/main.ts', ...commands];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (modules.has(id)) continue;
    const module =
      id.startsWith('src/') || id.startsWith('commands/') ? await readOwn(id, define) : await readPackage(id);
    modules.set(id, module);
    waiting.push(...module.imports, ...module.lateImports);
  }
  return modules;
}

/** One of our modules as the body of a function (module, exports, require, late, __dirname). */
async function readOwn(id: string, define: Record<string, string>): Promise<Module> {
  const source = (await readFile(join(root, id), 'utf8')).replaceAll('import.meta.dirname', '__dirname');
  const { outputText } = ts.transpileModule(source, {
    fileName: id,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ESNext,
      isolatedModules: true,
      esModuleInterop: false, // Its helpers would load Node's modules at once.
      removeComments: true,
    },
  });
  const imports: string[] = [];
  const lateImports: string[] = [];
  const linked = outputText.replace(/(=> )?\brequire\(["']([^"']+)["']\)/g, (_, arrow = '', name: string) => {
    if (isBuiltin(name)) return `${String(arrow)}late("${name}")`;
    const target = name.startsWith('.') ? posix.join(posix.dirname(id), name) : name;
    (arrow === '' ? imports : lateImports).push(target);
    return `${String(arrow)}require("${target}")`;
  });
  // The one import of a computed path, of commands, is relative to src/.
  const text = linked.replace('`../commands/', '`commands/');
  // Without identifiers: a stack trace asked for with TSPOD_DEBUG stays readable, and errors keep their names.
  const { code } = await transform(text, { minifyWhitespace: true, minifySyntax: true, target: 'node24', define });
  return { text: code, imports, lateImports, packages: [] };
}

/** A package with all that it imports. */
async function readPackage(name: string): Promise<Module> {
  if (name === 'koffi') {
    const text = 'exports.default=require(__dirname+"/koffi.node");';
    return { text, imports: [], lateImports: [], packages: [join(root, 'node_modules/koffi')] };
  }
  const output = await build({
    stdin: { contents: `module.exports = require(${JSON.stringify(name)});`, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
    plugins: [
      {
        name: 'definitions alone',
        setup(build) {
          // oclif's flags import its help and its errors, for flags that we do not use.
          build.onResolve({ filter: /^[.]\/(?:help|errors)$/ }, ({ importer, path }) =>
            importer.endsWith('@oclif/core/lib/flags.js') ? { path, namespace: 'nothing' } : undefined,
          );
          build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: '' }));
        },
      },
    ],
  });
  const built = output.outputFiles[0]?.text ?? '';
  // What takes its modules apart when it is loaded has no use for a late one.
  const text = HOT_PACKAGES.includes(name) ? built.replace(/\brequire\("(node:[^"]+)"\)/g, 'late("$1")') : built;
  return {
    text: `${text};if(module.exports.default===undefined)module.exports.default=module.exports;`,
    imports: [],
    lateImports: [],
    packages: Object.keys(output.metafile.inputs).flatMap((file) => {
      const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
      return folder === undefined ? [] : [join(root, folder)];
    }),
  };
}
