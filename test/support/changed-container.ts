/** A container with changes of every kind, for what shows, keeps and exports them. */
import type { TestContext } from 'node:test';
import { busyboxRoot } from './busybox.ts';
import { tspodWithEmptyStore, type Tspod } from './tspod.ts';

const CHANGE =
  'echo new >/data/new; rm /data/gone; rm -r /data/opaque; mkdir /data/opaque; echo n >/data/opaque/n; echo more >>/data/kept; chown 5:6 /home; rm -r /data/tree; ln /data/new /data/hard; ln -s new /data/link; chmod 4755 /data/owned';

/** What `diff` prints of it, apart from /etc and /home. */
export const CHANGES = [
  'C /data',
  'D /data/gone',
  'A /data/hard',
  'C /data/kept',
  'A /data/link',
  'A /data/new',
  'C /data/opaque',
  'D /data/opaque/hidden',
  'A /data/opaque/n',
  'C /data/owned',
  'D /data/tree',
];

/** An image with something to change, and a container that has changed it. */
export async function changedContainer(t: TestContext, driver: string): Promise<Tspod> {
  const tspod = await tspodWithEmptyStore(t, { env: { TSPOD_STORAGE_DRIVER: driver } });
  const data = ['gone', 'kept', 'opaque/hidden', 'tree/deep/leaf'].map((path) => ({
    path: `data/${path}`,
    content: 'x',
  }));
  const owned = { path: 'data/owned', content: 'x', uid: 1001, gid: 1002 };
  await tspod.load(
    { layers: [busyboxRoot(), [...data, owned]], config: { Cmd: ['sh'], Env: ['PATH=/bin'] } },
    'localhost/base:1',
  );
  await tspod.ok('run', '--name', 'c', '--network', 'none', 'base:1', 'sh', '-c', CHANGE);
  return tspod;
}
