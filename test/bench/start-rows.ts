/** A container's start, its end, and one among few. */
import { missing } from '../support/missing.ts';
import { callEach, compare, compareCalls, IMAGE, RUN, type Bench } from './compare.ts';
import { call } from './engines.ts';

export async function benchStart(bench: Bench): Promise<void> {
  await compareCalls(bench, 'run --rm --network none IMG true', 0.5, RUN);
  if (missing('tun')) console.log(`no row for slirp4netns: ${String(missing('tun'))}`);
  else {
    const words = ['run', '--rm', '--network', 'slirp4netns', IMAGE, 'true'];
    await compareCalls(bench, 'run --rm IMG true, with slirp4netns', 0.6, words);
  }
  for (const count of [16, 100]) {
    await compare(
      bench,
      `${String(count)} run --rm at once`,
      0.4,
      (engine) => Promise.all(Array.from({ length: count }, () => call(engine, ...RUN))),
      { rounds: Math.ceil(bench.rounds / (count === 16 ? 5 : 9)) },
    );
  }
}

/** A container that runs: looked at, and entered. */
export async function benchOne(bench: Bench): Promise<void> {
  await callEach(bench, 'run', '-d', '--name', 'one', '--network', 'none', IMAGE, 'sleep', '86400');
  await compareCalls(bench, 'exec C true', 0.5, ['exec', 'one', 'true']);
  await compareCalls(bench, 'ps of one container', 1, ['ps']);
  await callEach(bench, 'rm', '--force', '--time', '0', 'one');
}
