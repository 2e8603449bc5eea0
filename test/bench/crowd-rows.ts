/** Many containers in the store. */
import { callEach, compareCalls, IMAGE, RUN, type Bench } from './compare.ts';
import type { Row } from './figures.ts';

/** What the bars are for: with fewer, Podman is less slow. */
const CROWD = 1000;

/** @param empty the row of a start in an empty store */
export async function benchCrowd(bench: Bench, empty: Row): Promise<void> {
  const count = String(CROWD);
  await Promise.all(bench.engines.map((engine) => engine.createMany(CROWD, IMAGE))); // Not measured.
  await callEach(bench, 'create', '--name', 'one', '--network', 'none', IMAGE, 'true');
  const crowded = await compareCalls(
    bench,
    `run --rm --network none IMG true, ${count} containers in the store`,
    0.3,
    RUN,
  );
  bench.limits.push({
    what: "the same, to the empty store's time",
    value: crowded.tspod / empty.tspod,
    unit: 'of the empty store',
    atMost: 1.1,
  });
  await compareCalls(bench, `ps -a of ${count}`, 0.5, ['ps', '--all']);
  await compareCalls(bench, `inspect of one of ${count}`, 0.6, ['inspect', 'one']);
  await compareCalls(bench, `rm -a of ${count}`, 0.3, ['rm', '--all'], { rounds: 1 });
}
