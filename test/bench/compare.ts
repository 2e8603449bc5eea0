/** What the rows of the bench share: the engines that take turns, and where the figures go. */
import { execFileSync } from 'node:child_process';
import { call, type Engine } from './engines.ts';
import { formatTable, median, type Limit, type Row } from './figures.ts';

export const IMAGE = 'localhost/bench';
export const RUN = ['run', '--rm', '--network', 'none', IMAGE, 'true'];

export interface Bench {
  readonly tspod: Engine;
  /** Undefined where Podman is not installed. */
  readonly podman: Engine | undefined;
  /** Those there are. */
  readonly engines: readonly Engine[];
  /** A directory of the bench's own. */
  readonly folder: string;
  /** How often each figure is measured; `--quick` wants fewer. */
  readonly rounds: number;
  readonly rows: Row[];
  readonly limits: Limit[];
}

export interface CompareOptions {
  readonly rounds?: number;
  /** Not measured. */
  readonly before?: (engine: Engine) => unknown;
}

/** Measure a row: the median of each engine, and the bar for their ratio. */
export async function compare(
  bench: Bench,
  what: string,
  bar: number,
  action: (engine: Engine) => Promise<unknown>,
  options: CompareOptions = {},
): Promise<Row> {
  const row = { what, bar, ...(await alternate(bench, action, options)) };
  bench.rows.push(row);
  console.log(formatTable([row], []).split('\n')[1]);
  return row;
}

/** A row in which each engine is called with the same words. */
export async function compareCalls(
  bench: Bench,
  what: string,
  bar: number,
  words: readonly string[],
  options: CompareOptions = {},
): Promise<Row> {
  return await compare(bench, what, bar, (engine) => call(engine, ...words), options);
}

/** Not measured: every engine in turn. */
export async function callEach({ engines }: Bench, ...words: readonly string[]): Promise<void> {
  for (const engine of engines) await call(engine, ...words);
}

/** What others have written is not to be waited for by whoever writes next. */
export function settleDisk(): void {
  execFileSync('sync');
}

/** The engines take turns, so that what else the machine does falls on both; the first turn is for the caches. */
async function alternate(
  bench: Bench,
  action: (engine: Engine) => Promise<unknown>,
  options: CompareOptions,
): Promise<Pick<Row, 'unit' | 'tspod' | 'podman'>> {
  const times = new Map(bench.engines.map(({ name }) => [name, [] as number[]]));
  const count = options.rounds ?? bench.rounds;
  for (let round = count > 1 ? -1 : 0; round < count; round += 1) {
    for (const engine of round % 2 === 0 ? bench.engines : bench.engines.toReversed()) {
      await options.before?.(engine);
      const began = performance.now();
      await action(engine);
      if (round >= 0) times.get(engine.name)?.push(performance.now() - began);
    }
  }
  const podman = times.get('podman');
  return { unit: 'ms', tspod: median(times.get('tspod') ?? []), podman: podman && median(podman) };
}
