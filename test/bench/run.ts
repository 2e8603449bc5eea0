/**
 * `npm run bench [-- --quick]`: what tspod takes, as a ratio to Podman on the same machine, as the same
 * unprivileged user, measured in alternation. The bars are those the project has set itself.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAsTestUser } from '../support/test-user.ts';
import type { Bench } from './compare.ts';
import { benchCopy } from './copy-rows.ts';
import { benchCrowd } from './crowd-rows.ts';
import { podmanEngine, removeStore, tspodEngine } from './engines.ts';
import { formatTable, formatVerdict } from './figures.ts';
import { benchPull } from './image-rows.ts';
import { loadImage } from './load-image.ts';
import { benchMemory } from './memory-rows.ts';
import { benchOutput } from './output-rows.ts';
import { benchOne, benchStart } from './start-rows.ts';

if (process.getuid?.() === 0) {
  process.exitCode = await runAsTestUser(join(import.meta.dirname, '../..'), [
    'test/bench/run.ts',
    ...process.argv.slice(2),
  ]);
} else {
  await run();
}

async function run(): Promise<void> {
  const bench = prepare();
  const { engines, rows, limits, rounds, slowRounds } = bench;
  const versions = engines.map((engine) => engine.versions).join(' against ');
  console.log(`${versions}; ${cpus()[0]?.model ?? ''} x ${String(cpus().length)}, Linux ${release()}`);
  if (!bench.podman) console.log('Podman is not installed: nothing to compare with.');
  try {
    for (const engine of engines) await loadImage(engine, bench.folder);
    await benchStart(bench);
    await benchOne(bench);
    await benchMemory(bench);
    await benchCrowd(bench);
    await benchOutput(bench);
    await benchCopy(bench);
    await benchPull(bench);
  } finally {
    for (const engine of engines) await removeStore(engine);
    rmSync(bench.folder, { recursive: true, force: true });
  }
  console.log(`\nmedians of ${String(rounds)} runs each, of slow ones ${String(slowRounds)}, in alternation\n`);
  console.log(`${formatTable(rows, limits)}\n\n${formatVerdict(rows, limits)}`);
}

function prepare(): Bench {
  const quick = process.argv.includes('--quick');
  const folder = mkdtempSync(join(tmpdir(), 'tspod-bench-'));
  const tspod = tspodEngine(join(folder, 'tspod'));
  const podman = podmanEngine(join(folder, 'podman'));
  const engines = podman ? [podman, tspod] : [tspod];
  const rounds = quick ? { rounds: 7, slowRounds: 1 } : { rounds: 25, slowRounds: 5 };
  return { tspod, podman, engines, folder, ...rounds, rows: [], limits: [] };
}
