/**
 * `npm run bench [-- --quick]`: what tspod takes, as a ratio to Podman on the same machine, as the same
 * unprivileged user, measured in alternation. The bars are those the project has set itself.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { missing } from '../support/missing.ts';
import { busyboxImage, manyFilesImage, writeOciArchive } from '../support/images.ts';
import { startRegistry } from '../support/registry.ts';
import { runAsTestUser } from '../support/test-user.ts';
import { call, podmanEngine, tspodEngine, type Engine } from './engines.ts';
import { formatTable, formatVerdict, median, type Limit, type Row } from './figures.ts';

const IMAGE = 'localhost/bench';
const RUN = ['run', '--rm', '--network', 'none', IMAGE, 'true'];
const quick = process.argv.includes('--quick');
const rounds = quick ? 7 : 25;
const crowd = quick ? 200 : 1000;

if (process.getuid?.() === 0) {
  process.exitCode = await runAsTestUser(join(import.meta.dirname, '../..'), [
    'test/bench/run.ts',
    ...process.argv.slice(2),
  ]);
} else {
  await bench();
}

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-bench-'));
  const tspod = tspodEngine(join(folder, 'tspod'));
  const podman = podmanEngine(join(folder, 'podman'));
  const engines = podman ? [podman, tspod] : [tspod];
  console.log(
    `${engines.map(({ versions }) => versions).join(' against ')}; ${cpus()[0]?.model ?? ''} x ${String(cpus().length)}, Linux ${release()}`,
  );
  if (!podman) console.log('Podman is not installed: nothing to compare with.');
  const rows: Row[] = [];
  const limits: Limit[] = [];
  const compare = async (
    what: string,
    bar: number,
    action: (engine: Engine) => Promise<unknown>,
    options: CompareOptions = {},
  ) => {
    const row = { what, bar, ...(await alternate(engines, action, options)) };
    rows.push(row);
    console.log(formatTable([row], []).split('\n')[1]);
    return row;
  };

  try {
    const archive = join(folder, 'image.tar');
    writeOciArchive(archive, busyboxImage(), `${IMAGE}:latest`);
    await call(tspod, 'load', '--quiet', '--input', archive);
    if (podman) await call(podman, 'pull', '--quiet', `oci-archive:${archive}`);

    const empty = await compare('run --rm --network none IMG true', 0.5, (engine) => call(engine, ...RUN));
    if (missing('tun')) console.log(`no row for slirp4netns: ${String(missing('tun'))}`);
    else
      await compare('run --rm IMG true, with slirp4netns', 0.6, (engine) =>
        call(engine, 'run', '--rm', '--network', 'slirp4netns', IMAGE, 'true'),
      );
    await compare(
      '16 run --rm at once',
      0.4,
      (engine) => Promise.all(Array.from({ length: 16 }, () => call(engine, ...RUN))),
      { rounds: Math.ceil(rounds / 5) },
    );

    for (const engine of engines)
      await call(engine, 'run', '-d', '--name', 'one', '--network', 'none', IMAGE, 'sleep', '86400');
    await compare('exec C true', 0.5, (engine) => call(engine, 'exec', 'one', 'true'));
    await compare('ps of one container', 1, (engine) => call(engine, 'ps'));
    for (const engine of engines) {
      for (let n = 2; n <= 10; n += 1) await call(engine, 'run', '-d', '--network', 'none', IMAGE, 'sleep', '86400');
    }
    const [conmon, monitor] = [podman, tspod].map((engine) => engine && readMemory(engine.monitorPids()));
    if (monitor) {
      rows.push({
        what: 'monitors of ten containers, proportional (PSS), median',
        unit: 'MiB',
        tspod: median(monitor.pss),
        podman: conmon && median(conmon.pss),
        bar: 0.4,
      });
      limits.push({
        what: 'monitors of ten containers, resident (RSS), greatest',
        value: Math.max(...monitor.rss),
        unit: 'MiB',
        atMost: 1,
      });
    }
    for (const engine of engines) await call(engine, 'rm', '--all', '--force', '--time', '0');

    for (const engine of engines) await engine.createMany(crowd, IMAGE);
    const crowded = await compare(
      `run --rm --network none IMG true, ${String(crowd)} containers in the store`,
      0.3,
      (engine) => call(engine, ...RUN),
    );
    limits.push({
      what: `the same, to the empty store's time`,
      value: crowded.tspod / empty.tspod,
      unit: 'of the empty store',
      atMost: 1.1,
    });
    await compare(`ps -a of ${String(crowd)}`, 0.5, (engine) => call(engine, 'ps', '--all'));
    await compare(`rm -a of ${String(crowd)}`, 0.3, (engine) => call(engine, 'rm', '--all'), { rounds: 1 });

    if (missing('registry')) console.log(`no row for pull: ${String(missing('registry'))}`);
    else {
      const registry = await startRegistry();
      try {
        const reference = await registry.push(manyFilesImage({ files: 20_000, bytes: 12_000 }), 'large:latest');
        await compare(
          'pull of 240 MB, 20,000 files, three layers',
          0.7,
          (engine) => call(engine, 'pull', '--quiet', '--tls-verify=false', reference),
          {
            rounds: quick ? 3 : 7,
            before: (engine) => call(engine, 'rmi', '--all', '--force'),
          },
        );
      } finally {
        await registry.stop();
      }
    }
  } finally {
    for (const engine of engines) await cleanUp(engine, folder);
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(
    `\nmedians of ${String(rounds)} runs each, in alternation\n\n${formatTable(rows, limits)}\n\n${formatVerdict(rows, limits)}`,
  );
}

interface CompareOptions {
  readonly rounds?: number;
  /** Not measured. */
  readonly before?: (engine: Engine) => Promise<unknown>;
}

/** The engines take turns, so that what else the machine does falls on both; the first turn is for the caches. */
async function alternate(
  engines: readonly Engine[],
  action: (engine: Engine) => Promise<unknown>,
  options: CompareOptions,
): Promise<Pick<Row, 'unit' | 'tspod' | 'podman'>> {
  const times = new Map(engines.map(({ name }) => [name, [] as number[]]));
  const count = options.rounds ?? rounds;
  for (let round = count > 1 ? -1 : 0; round < count; round += 1) {
    for (const engine of round % 2 === 0 ? engines : engines.toReversed()) {
      await options.before?.(engine);
      const began = performance.now();
      await action(engine);
      if (round >= 0) times.get(engine.name)?.push(performance.now() - began);
    }
  }
  const podman = times.get('podman');
  return { unit: 'ms', tspod: median(times.get('tspod') ?? []), podman: podman && median(podman) };
}

/** In MiB, from the kernel's own sums: proc(5). */
function readMemory(pids: readonly number[]): { readonly rss: readonly number[]; readonly pss: readonly number[] } {
  const texts = pids.map((pid) => readFileSync(`/proc/${String(pid)}/smaps_rollup`, 'utf8'));
  const values = (field: string) =>
    texts.map((text) => Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(text)?.[1]) / 1024);
  return { rss: values('Rss'), pss: values('Pss') };
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
