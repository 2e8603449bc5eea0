/** Images from a registry on the loopback interface. */
import { join } from 'node:path';
import { manyFilesImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry } from '../support/registry.ts';
import { compare, settleDisk, type Bench } from './compare.ts';
import { call, removeStore, type Engine } from './engines.ts';

export async function benchPull(bench: Bench): Promise<void> {
  if (missing('registry')) {
    console.log(`no row for pull: ${String(missing('registry'))}`);
    return;
  }
  const registry = await startRegistry();
  const stores: Engine[] = [];
  const newest = ({ name }: Engine) => stores.findLast((engine) => engine.name === name) ?? bench.tspod;
  try {
    const reference = await registry.push(manyFilesImage({ files: 20_000, bytes: 12_000 }), 'large:latest');
    const words = ['pull', '--quiet', '--tls-verify=false', reference];
    const pull = (engine: Engine) => call(newest(engine), ...words);
    await compare(bench, 'pull of 240 MB, 20,000 files, three layers', 0.7, pull, {
      rounds: bench.slowRounds,
      // ext4 searches long for an inode that was not deleted a moment ago: nothing is removed before the last pull.
      before: async (engine) => {
        stores.push(engine.at(join(bench.folder, `pull-${String(stores.length)}`)));
        await call(newest(engine), 'images');
        settleDisk(); // A pull ends with a syncfs(2).
      },
    });
  } finally {
    for (const store of stores) await removeStore(store);
    await registry.stop();
  }
}
