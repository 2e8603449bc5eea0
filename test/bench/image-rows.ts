/** Images from a registry on the loopback interface. */
import { manyFilesImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry } from '../support/registry.ts';
import { compareCalls, settleDisk, type Bench } from './compare.ts';
import { call } from './engines.ts';

export async function benchPull(bench: Bench): Promise<void> {
  if (missing('registry')) {
    console.log(`no row for pull: ${String(missing('registry'))}`);
    return;
  }
  const registry = await startRegistry();
  try {
    const reference = await registry.push(manyFilesImage({ files: 20_000, bytes: 12_000 }), 'large:latest');
    const words = ['pull', '--quiet', '--tls-verify=false', reference];
    await compareCalls(bench, 'pull of 240 MB, 20,000 files, three layers', 0.7, words, {
      rounds: Math.ceil(bench.rounds / 3.6),
      before: async (engine) => {
        await call(engine, 'rmi', '--all', '--force');
        settleDisk(); // A pull ends with a syncfs(2).
      },
    });
  } finally {
    await registry.stop();
  }
}
