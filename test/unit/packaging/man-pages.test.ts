import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const PROJECT = join(import.meta.dirname, '../../..');

test('a package names its man pages while npm packs it, and package.json is as before afterwards', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const packageJson = join(folder, 'package.json');
  copyFileSync(join(PROJECT, 'package.json'), packageJson);
  mkdirSync(join(folder, 'dist/man/man1'), { recursive: true });
  for (const page of ['tspod.1', 'tspod-run.1']) writeFileSync(join(folder, 'dist/man/man1', page), '');
  const before = readFileSync(packageJson, 'utf8');

  const program = join(PROJECT, 'packaging/man-pages.ts');
  execFileSync(process.execPath, [program, 'list'], { cwd: folder });
  const { man } = JSON.parse(readFileSync(packageJson, 'utf8')) as { man: string[] };
  assert.deepEqual(man, ['dist/man/man1/tspod-run.1', 'dist/man/man1/tspod.1']);

  execFileSync(process.execPath, [program, 'unlist'], { cwd: folder });
  assert.equal(readFileSync(packageJson, 'utf8'), before);
});
