/** The tests in C: compile each test/native/NAME.test.c against the native program, run it, and read its TAP. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Outcomes, Skip } from './outcomes.ts';

const execute = promisify(execFile);
const FLAGS = ['-std=gnu17', '-O1', '-g', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'];

export async function runNativeTests(project: string, filter: string): Promise<Outcomes> {
  const tests = (await namesIn(join(project, 'test/native'))).filter((name) => name.endsWith('.test.c'));
  const total = { passed: 0, failed: 0, skips: [] as Skip[] };
  const folder = await mkdtemp(join(tmpdir(), 'tspod-native-'));
  try {
    for (const name of tests.filter((test) => test.includes(filter))) {
      const program = join(folder, basename(name, '.c'));
      await compile([join(project, 'test/native', name), ...(await sourcesFor(project, name))], program, project);
      const { passed, failed, skips } = await runTap(program);
      total.passed += passed;
      total.failed += failed;
      total.skips.push(...skips);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return total;
}

/** What integration tests start besides tspod: programs of a few lines of C, put beside the built ones. */
export async function compileTestHelpers(project: string): Promise<void> {
  const folder = join(project, 'dist/test');
  await mkdir(folder, { recursive: true });
  const sources = (await namesIn(join(project, 'test/support'))).filter((name) => name.endsWith('.c'));
  for (const name of sources) {
    await compile([join(project, 'test/support', name)], join(folder, basename(name, '.c')), project, ['-static']);
  }
}

/** Everything but the programs' own mains, and but what the test includes as text to reach static functions. */
async function sourcesFor(project: string, test: string): Promise<string[]> {
  const text = await readFile(join(project, 'test/native', test), 'utf8');
  const files = await Promise.all(
    ['native', 'native/lib'].map(async (folder) =>
      (await namesIn(join(project, folder))).map((name) => join(folder, name)),
    ),
  );
  return files
    .flat()
    .filter((file) => file.endsWith('.c') && !/(^|\/)(main|hello)[.]c$/.test(file) && !text.includes(`${file}"`))
    .map((file) => join(project, file));
}

async function compile(
  sources: readonly string[],
  output: string,
  project: string,
  flags: readonly string[] = [],
): Promise<void> {
  const compiler = process.env['CC'] ?? 'cc';
  await execute(compiler, [...FLAGS, ...flags, '-I', join(project, 'native'), '-o', output, ...sources, '-lutil']);
}

async function runTap(program: string): Promise<Outcomes> {
  const child = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] });
  const text = (await child.stdout.toArray()).join('');
  const exitCode = await new Promise<number | null>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once('exit', resolve);
  });
  process.stdout.write(text.replaceAll(/^/gm, `${basename(program)}: `).trimEnd() + '\n');
  return readTap(text, exitCode);
}

/** Count the lines of a TAP stream; a program that dies, or does less than it planned, has failed once more. */
export function readTap(text: string, exitCode: number | null): Outcomes {
  const lines = [...text.matchAll(/^(not )?ok\b[ \d-]*(.*?)(?: # SKIP (.*))?$/gm)];
  const skips = lines.flatMap(([, , name = '', reason]) => (reason === undefined ? [] : [{ name, reason }]));
  const failed = lines.filter(([, not]) => not !== undefined).length;
  const planned = /^1\.\.(\d+)/m.exec(text)?.[1];
  const broken = (exitCode !== 0 && failed === 0) || (planned !== undefined && Number(planned) !== lines.length);
  return { passed: lines.length - failed - skips.length, failed: failed + (broken ? 1 : 0), skips };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
