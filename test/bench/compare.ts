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
  /** The same for what takes Podman seconds. */
  readonly slowRounds: number;
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
  const medians = await alternate(bench.engines, options.rounds ?? bench.rounds, action, options.before);
  const of = (name: string) => medians[bench.engines.findIndex((engine) => engine.name === name)];
  const row: Row = { what, bar, unit: 'ms', tspod: of('tspod') ?? NaN, podman: of('podman') };
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

/**
 * Not a row: the median of each engine, in milliseconds. They take turns, so that what else the machine does falls on
 * all of them; the first turn is for the caches.
 */
export async function alternate(
  engines: readonly Engine[],
  rounds: number,
  action: (engine: Engine) => Promise<unknown>,
  before: (engine: Engine) => unknown = () => undefined,
): Promise<number[]> {
  const times = engines.map((): number[] => []);
  for (let round = rounds > 1 ? -1 : 0; round < rounds; round += 1) {
    const turn = [...engines.entries()];
    for (const [position, engine] of round % 2 === 0 ? turn : turn.toReversed()) {
      await before(engine);
      const began = performance.now();
      await action(engine);
      if (round >= 0) times[position]?.push(performance.now() - began);
    }
  }
  return times.map(median);
}
