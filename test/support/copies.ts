/** What the tests of `tspod cp` copy between. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventually, tspodWithBusybox, type Tspod } from './tspod.ts';

/** Files of this machine, a container that runs (`up`) and one that never did (`down`), a volume in both. */
export async function twoContainers(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Tspod> {
  const tspod = await tspodWithBusybox(t, { env });
  const host = (path: string) => join(tspod.folder, path);
  mkdirSync(host('dir/sub'), { recursive: true });
  writeFileSync(host('file'), 'file\n');
  writeFileSync(host('dir/one'), 'one\n');
  writeFileSync(host('dir/sub/two'), 'two\n');
  symlinkSync('file', host('to-file'));
  symlinkSync('dir', host('to-dir'));
  const script =
    'mkdir -p /data/sub /etc/dir; echo low >/data/low; echo deep >/data/sub/deep; ln -s /data /to-data; ln -s /etc/passwd /to-passwd; ln -s ../../../../../tmp /data/escape; ln -s /new /dangling; touch /ready; exec sleep 1000';
  await tspod.ok('run', '-d', '--name', 'up', '--network', 'none', '-v', 'v:/vol', 'busybox', 'sh', '-c', script);
  await tspod.ok('create', '--name', 'down', '-v', 'v:/vol', 'busybox');
  await eventually(async () => (await tspod('exec', 'up', 'test', '-e', '/ready')).exitCode === 0, 'the files');
  return tspod;
}
