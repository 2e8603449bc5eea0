/** Many containers in the store. */
import { join } from 'node:path';
import { alternate, callEach, compareCalls, IMAGE, RUN, type Bench } from './compare.ts';
import { call, removeStore } from './engines.ts';
import { loadImage } from './load-image.ts';

/** What the bars are for: with fewer, Podman is less slow. */
const CROWD = 1000;

export async function benchCrowd(bench: Bench): Promise<void> {
  const count = String(CROWD);
  await Promise.all(bench.engines.map((engine) => engine.createMany(CROWD, IMAGE))); // Not measured.
  await callEach(bench, 'create', '--name', 'one', '--network', 'none', IMAGE, 'true');
  await compareCalls(bench, `run --rm --network none IMG true, ${count} containers in the store`, 0.3, RUN);
  bench.limits.push({
    what: "the same, to the empty store's time",
    value: await measureBurden(bench),
    unit: 'of the empty store',
    atMost: 1.1,
  });
  await compareCalls(bench, `ps -a of ${count}`, 0.5, ['ps', '--all']);
  await compareCalls(bench, `inspect of one of ${count}`, 0.6, ['inspect', 'one']);
  await compareCalls(bench, `rm -a of ${count}`, 0.3, ['rm', '--all'], { rounds: 1 });
}

/** A tenth is to be seen: few runs scatter by more, and these are short. */
const BURDEN_ROUNDS = 25;

/** What a start takes in the store as it is, to what it takes in an empty one. */
async function measureBurden({ tspod, folder }: Bench): Promise<number> {
  const empty = tspod.at(join(folder, 'empty'));
  try {
    await loadImage(empty, folder);
    const [inCrowd = NaN, alone = NaN] = await alternate([tspod, empty], BURDEN_ROUNDS, (engine) =>
      call(engine, ...RUN),
    );
    return inCrowd / alone;
  } finally {
    await removeStore(empty);
  }
}
