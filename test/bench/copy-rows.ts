/** A big file into a container, and out of it. */
import { openSync, closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { callEach, compare, compareCalls, IMAGE, settleDisk, type Bench } from './compare.ts';
import { call, type Engine } from './engines.ts';

const MEBIBYTE = 1 << 20;
const SIZE_MIB = 500;

/** What a disk takes once is chance, also with `--quick`. */
const LEAST_ROUNDS = 3;

export async function benchCopy(bench: Bench): Promise<void> {
  const file = join(bench.folder, 'big');
  writeFile(file);
  await callEach(bench, 'run', '-d', '--name', 'copies', '--network', 'none', IMAGE, 'sleep', '86400');
  const options = { rounds: Math.max(bench.slowRounds, LEAST_ROUNDS), before: settleDisk };
  await compareCalls(bench, 'cp of 500 MB into a container', 0.8, ['cp', file, 'copies:/big'], options);
  // Each to a file of its own: what it replaces is what it has written.
  const copyOut = (engine: Engine) => call(engine, 'cp', 'copies:/big', `${file}-${engine.name}`);
  await compare(bench, 'cp of 500 MB out of a container', 0.8, copyOut, options);
  await callEach(bench, 'rm', '--force', '--time', '0', 'copies');
}

/** No block of it is empty, or alike the one before. */
function writeFile(path: string): void {
  const fd = openSync(path, 'w');
  for (let n = 0; n < SIZE_MIB; n += 1) writeSync(fd, Buffer.alloc(MEBIBYTE, `block ${String(n)}`));
  closeSync(fd);
}
