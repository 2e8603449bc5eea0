/** The tests in C: compile each test/native/NAME.test.c against the native program, run it, and read its TAP. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { addOutcomes, noOutcomes, type Outcomes } from './outcomes.ts';

const execute = promisify(execFile);
/** As Ubuntu has its compiler set, and with it more warnings. */
const FORTIFIED = ['-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=3'];
const FLAGS = ['-std=gnu17', '-O1', '-g', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', ...FORTIFIED];

export async function runNativeTests(project: string, isChosen: (file: string) => boolean): Promise<Outcomes> {
  const tests = (await namesIn(join(project, 'test/native'))).filter((name) => name.endsWith('.test.c'));
  let total = noOutcomes;
  const folder = await mkdtemp(join(tmpdir(), 'tspod-native-'));
  try {
    const objects = await compileSources(project, folder);
    for (const name of tests.filter(isChosen)) {
      const program = join(folder, basename(name, '.c'));
      const source = join(project, 'test/native', name);
      // A test that includes a source, to reach its static functions, is not linked with it as well.
      const text = await readFile(source, 'utf8');
      const linked = [...objects].filter(([file]) => !text.includes(`${file}"`)).map(([, object]) => object);
      await compile([source, ...linked], program, project);
      total = addOutcomes(total, await runTap(program));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return total;
}

/** Everything but the programs' own mains, compiled once for all tests: source to object. */
async function compileSources(project: string, folder: string): Promise<Map<string, string>> {
  const objects = new Map<string, string>();
  for (const directory of ['native', 'native/lib']) {
    const names = (await namesIn(join(project, directory))).filter(
      (name) => name.endsWith('.c') && !['main.c', 'hello.c', 'launcher.c', 'flags.c'].includes(name),
    );
    const output = join(folder, directory);
    await mkdir(output, { recursive: true });
    const compiler = process.env['CC'] ?? 'cc';
    const sources = names.map((name) => join(project, directory, name));
    await execute(compiler, [...FLAGS, '-I', join(project, 'native'), '-c', ...sources], { cwd: output });
    for (const name of names) objects.set(`${directory}/${name}`, join(output, `${basename(name, '.c')}.o`));
  }
  return objects;
}

/** What integration tests start besides tspod: programs of a few lines of C, put beside the built ones. */
export async function compileTestHelpers(project: string): Promise<void> {
  const folder = join(project, 'dist/test');
  await mkdir(folder, { recursive: true });
  const sources = (await namesIn(join(project, 'test/support'))).filter((name) => name.endsWith('.c'));
  for (const name of sources) {
    const [source, program] = [join(project, 'test/support', name), join(folder, basename(name, '.c'))];
    // Root has compiled them before it hands over to a user who may not write here.
    if (await isNewer(program, source)) continue;
    await compile([source], program, project, ['-static']);
  }
}

async function isNewer(output: string, source: string): Promise<boolean> {
  const [made, wanted] = await Promise.all([stat(output).catch(() => undefined), stat(source)]);
  return made !== undefined && made.mtimeMs > wanted.mtimeMs;
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
  process.stdout.write(text.trimEnd().replaceAll(/^/gm, `${basename(program)}: `) + '\n');
  return readTap(basename(program), text, exitCode);
}

/** Count the lines of a program's TAP stream; one that dies, or does less than it planned, has failed once more. */
export function readTap(program: string, text: string, exitCode: number | null): Outcomes {
  const lines = [...text.matchAll(/^(not )?ok\b[ \d-]*(.*?)(?: # SKIP (.*))?$/gm)];
  const skips = lines.flatMap(([, , name = '', reason]) => (reason === undefined ? [] : [{ name, reason }]));
  const failures = lines.flatMap(([, not, name = '']) =>
    not === undefined ? [] : [{ name: `${program}: ${name}`, report: '' }],
  );
  const planned = /^1\.\.(\d+)/m.exec(text)?.[1];
  const broken =
    lines.length === 0 ||
    (exitCode !== 0 && failures.length === 0) ||
    (planned !== undefined && Number(planned) !== lines.length);
  const end = {
    name: program,
    report: `ended ${exitCode === null ? 'by a signal' : `with ${String(exitCode)}`} after ${String(lines.length)} of its tests`,
  };
  return {
    passed: lines.length - failures.length - skips.length,
    failures: broken ? [...failures, end] : failures,
    skips,
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
