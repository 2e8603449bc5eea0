import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const PROJECT = join(import.meta.dirname, '../..');

/** One violation of each rule of the house, in a tree of its own under the project's configuration. */
const VIOLATIONS = {
  'src/main.ts': `import { run } from '../commands/run.ts';\nvoid run();\n`,
  'src/plan/upward.ts': `import { act } from '../host/act.ts';\nexport const upward = act;\n`,
  'src/util/stranger.ts': `import { act } from '../host/act.ts';\nexport const stranger = act;\n`,
  'src/model/impure.ts': `import { readFileSync } from 'node:fs';\nexport const impure = () => [readFileSync, process.pid, Date.now(), Math.random()];\n`,
  'src/store/cycle-a.ts': `import { b } from './cycle-b.ts';\nexport const a = (): unknown => b;\n`,
  'src/store/cycle-b.ts': `import { a } from './cycle-a.ts';\nexport const b = (): unknown => a;\n`,
  'src/store/koffi.ts': `import koffi from 'koffi';\nexport const loaded = koffi;\n`,
  'src/engine/execa.ts': `import { execa } from 'execa';\nexport const started = execa;\n`,
  'src/engine/terminal.ts': `import { Listr } from 'listr2';\nexport const list = Listr;\n`,
  'src/host/act.ts': `export const act = async (): Promise<void> => {};\nexport const floating = (): void => {\n  act();\n};\nexport const deadExport = 1;\n`,
  'src/host/unused-file.ts': `export const x = 1;\n`,
  'src/host/unformatted.ts': `export const   unformatted = "x"\n`,
  'commands/run.ts': `export const run = async (): Promise<void> => {\n  const paths = ['plan/upward', 'model/impure', 'store/cycle-a', 'store/koffi', 'engine/execa', 'engine/terminal', 'host/unformatted'];\n  await Promise.all(paths.map((path) => import(path)));\n  const { floating } = await import('../src/host/act.ts');\n  floating();\n};\n`,
};

test('npm run lint finds a violation of each rule of the house', async (t) => {
  const tree = mkdtempSync(join(tmpdir(), 'tspod-lint-'));
  t.after(() => rmSync(tree, { recursive: true }));
  for (const file of [
    'package.json',
    'tsconfig.json',
    'eslint.config.ts',
    'knip.ts',
    '.dependency-cruiser.cjs',
    '.prettierrc.json',
    'packaging/lint.ts',
    'src/errors.ts',
  ]) {
    cpSync(join(PROJECT, file), join(tree, file));
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(tree, 'node_modules'));
  for (const [path, text] of Object.entries(VIOLATIONS)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }

  const lint = spawnSync(process.execPath, ['packaging/lint.ts'], {
    cwd: tree,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(PROJECT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });

  assert.equal(lint.status, 1);
  const expected: Record<string, RegExp> = {
    layers: /layers: src\/plan: src\/plan\/upward\.ts/,
    'folders without a layer': /a folder without a place: src\/util\/stranger\.ts/,
    'purity of model and plan': /pure: model and plan: src\/model\/impure\.ts/,
    cycles: /no cycles: src\/store\/cycle-/,
    'koffi outside host/ffi': /koffi only in host\/ffi: src\/store\/koffi\.ts/,
    'execa outside host': /execa only in host: src\/engine\/execa\.ts/,
    'listr2 outside the front end': /terminal packages only in the front end: src\/engine\/terminal\.ts/,
    'process in model': /Unexpected use of 'process'/,
    'Date in model': /Unexpected use of 'Date'/,
    'Math.random in model': /'Math\.random' is restricted/,
    'floating promises': /no-floating-promises/,
    'dead exports': /deadExport/,
    'unused files': /src\/host\/unused-file\.ts/,
    formatting: /src\/host\/unformatted\.ts/,
  };
  for (const [rule, finding] of Object.entries(expected)) await t.test(rule, () => assert.match(lint.stdout, finding));
});
