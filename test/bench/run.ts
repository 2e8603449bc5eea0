/**
 * `npm run bench [-- --quick]`: what tspod takes, as a ratio to Podman on the same machine, as the same
 * unprivileged user, measured in alternation. The bars are those the project has set itself.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { busyboxImage, writeOciArchive } from '../support/images.ts';
import { runAsTestUser } from '../support/test-user.ts';
import { IMAGE, type Bench } from './compare.ts';
import { benchCopy } from './copy-rows.ts';
import { benchCrowd } from './crowd-rows.ts';
import { call, podmanEngine, tspodEngine, type Engine } from './engines.ts';
import { formatTable, formatVerdict } from './figures.ts';
import { benchPull } from './image-rows.ts';
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
  const { engines, rows, limits, rounds } = bench;
  const versions = engines.map((engine) => engine.versions).join(' against ');
  console.log(`${versions}; ${cpus()[0]?.model ?? ''} x ${String(cpus().length)}, Linux ${release()}`);
  if (!bench.podman) console.log('Podman is not installed: nothing to compare with.');
  try {
    await loadImage(bench);
    const empty = await benchStart(bench);
    await benchOne(bench);
    await benchMemory(bench);
    await benchCrowd(bench, empty);
    await benchOutput(bench);
    await benchCopy(bench);
    await benchPull(bench);
  } finally {
    for (const engine of engines) await cleanUp(engine, bench.folder);
    rmSync(bench.folder, { recursive: true, force: true });
  }
  console.log(`\nmedians of ${String(rounds)} runs each, in alternation\n`);
  console.log(`${formatTable(rows, limits)}\n\n${formatVerdict(rows, limits)}`);
}

function prepare(): Bench {
  const quick = process.argv.includes('--quick');
  const folder = mkdtempSync(join(tmpdir(), 'tspod-bench-'));
  const tspod = tspodEngine(join(folder, 'tspod'));
  const podman = podmanEngine(join(folder, 'podman'));
  const engines = podman ? [podman, tspod] : [tspod];
  return { tspod, podman, engines, folder, rounds: quick ? 7 : 25, crowd: quick ? 200 : 1000, rows: [], limits: [] };
}

async function loadImage({ tspod, podman, folder }: Bench): Promise<void> {
  const archive = join(folder, 'image.tar');
  writeOciArchive(archive, busyboxImage(), `${IMAGE}:latest`);
  await call(tspod, 'load', '--quiet', '--input', archive);
  if (podman) await call(podman, 'pull', '--quiet', `oci-archive:${archive}`);
}

/** Podman keeps a mount of its store, and a process for its user namespace until `system migrate`. */
async function cleanUp(engine: Engine, folder: string): Promise<void> {
  const ignore = () => undefined; // What a failed bench has left half made is removed with the folder.
  const store = join(folder, engine.name);
  await call(engine, 'rm', '--all', '--force', '--time', '0').catch(ignore);
  await call(engine, 'unshare', 'sh', '-c', 'umount "$0/root/overlay"; rm -rf "$0/root" "$0/data"', store).catch(
    ignore,
  );
  if (engine.name === 'podman') await call(engine, 'system', 'migrate').catch(ignore);
}
