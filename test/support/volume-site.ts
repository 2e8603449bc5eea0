import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { busyboxRoot } from './busybox.ts';
import { tspodWithBusybox } from './tspod.ts';

/** An image with something at /site, and a directory of the host. */
export async function withSite(t: TestContext) {
  const tspod = await tspodWithBusybox(t);
  const site = [
    { path: 'site/', type: 'directory', mode: 0o750 },
    { path: 'site/index.html', content: 'hello\n' },
  ] as const;
  await tspod.load({ layers: [[...busyboxRoot(), ...site]] }, 'localhost/site:latest');
  const share = join(tspod.folder, 'share');
  mkdirSync(share);
  const create = async (name: string, ...options: string[]) =>
    await tspod.ok('volume', 'create', ...options.flatMap((option) => ['-o', option]), name);
  return { tspod, share, create, bind: ['type=none', 'o=bind', `device=${share}`] };
}
