/** `npm run build`: everything below dist/, from the sources. `node packaging/build.ts native` makes only the native program. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { buildBundle } from './bundle.ts';
import { writeHelloImage } from './hello-image.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const C_FLAGS = [
  '-std=gnu17',
  '-O2',
  '-D_GNU_SOURCE',
  '-Wall',
  '-Wextra',
  '-Wshadow',
  '-Wconversion',
  '-Wvla',
  '-Werror',
  '-fstack-protector-strong',
];

/** C files that are something of their own; all others are the monitor. */
const OTHERS = ['hello.c', 'launcher.c', 'flags.c'];

/** One static executable from every C file but those of other programs. */
async function buildNative(): Promise<void> {
  const compiler = process.env['CC'] ?? 'cc';
  const sources = [...(await cFiles('native')), ...(await cFiles('native/lib'))].filter(
    (file) => !OTHERS.includes(basename(file)),
  );
  const output = join(dist, 'tspod-monitor');
  await run(compiler, [...C_FLAGS, '-static', '-I', join(root, 'native'), '-o', `${output}.new`, ...sources]);
  await rename(`${output}.new`, output); // A running monitor keeps the old file: writing into it would be ETXTBSY.
}

/** The built-in image, dist/hello/: its program is static, so the image needs nothing else. */
async function buildHello(): Promise<void> {
  const program = join(dist, 'hello.bin');
  await compileProgram('hello.c', program);
  await writeHelloImage(join(dist, 'hello'), await readFile(program));
  await rm(program);
}

/** dist/tspod, what the user calls. */
async function buildLauncher(): Promise<void> {
  const output = join(dist, 'tspod');
  await compileProgram('launcher.c', `${output}.new`);
  await rename(`${output}.new`, output);
}

/** What boot.cjs loads first: an addon that needs no library. */
async function buildAddon(): Promise<void> {
  const output = join(dist, 'flags.node');
  await compile('flags.c', `${output}.new`, ['-shared', '-fPIC', '-nostdlib']);
  await rename(`${output}.new`, output);
}

async function compileProgram(source: string, output: string): Promise<void> {
  await compile(source, output, ['-static']);
}

async function compile(source: string, output: string, flags: readonly string[]): Promise<void> {
  await run(process.env['CC'] ?? 'cc', [...C_FLAGS, ...flags, '-s', '-o', output, join(root, 'native', source)]);
}

async function cFiles(folder: string): Promise<string[]> {
  const names = existsSync(join(root, folder)) ? await readdir(join(root, folder)) : [];
  return names.filter((name) => name.endsWith('.c')).map((name) => join(root, folder, name));
}

/** What a person needs of an error: the compiler's own words, or whose file is in the way. */
function explain(error: unknown): string {
  const { code, path, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
  if (code === 'EACCES' && path !== undefined)
    return `Cannot change "${path}": permission denied.\nMake the tree yours: sudo chown -R "$(id -u)" '${root}'`;
  return stderr || message;
}

try {
  await mkdir(dist, { recursive: true });
  await Promise.all([buildNative(), buildHello(), buildLauncher(), buildAddon()]);
  if (process.argv[2] !== 'native') {
    await buildBundle();
    await import('../man/build.ts');
  }
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
