import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busyboxRoot } from '../support/busybox.ts';
import { changedContainer, CHANGES } from '../support/changed-container.ts';
import { missing } from '../support/missing.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

const DRIVERS = ['overlay', 'fuse-overlayfs', 'vfs'] as const;

for (const driver of DRIVERS) {
  const skip = driver === 'overlay' ? missing('overlay') : driver === 'vfs' ? false : missing('fuse');

  test(`diff shows, and commit keeps, what a container has changed: ${driver}`, { skip }, async (t) => {
    const tspod = await changedContainer(t, driver);
    const lines = (await tspod.ok('diff', 'c')).split('\n').filter((line) => !line.endsWith('/etc'));
    assert.deepEqual(lines, [...CHANGES, 'C /home']);
    const id = await tspod.ok('commit', '--quiet', 'c', 'made');
    assert.match(id, /^[0-9a-f]{64}$/);
    const script =
      'cd /data; ls; cat new opaque/n kept; stat -c "%u:%g %a %h" owned hard; stat -c %u:%g /home; ls opaque; readlink link';
    assert.equal(
      await tspod.ok('run', '--rm', '--network', 'none', 'made', 'sh', '-c', script),
      'hard\nkept\nlink\nnew\nopaque\nowned\nnew\nn\nxmore\n1001:1002 4755 1\n0:0 644 2\n5:6\nn\nnew',
    );
    const shown = (await tspod.ok('diff', 'made')).split('\n');
    for (const line of CHANGES) assert.ok(shown.includes(line), `${line} in\n${shown.join('\n')}`);
  });
}

test('a copy for a user namespace of its own has the owners of the image, in diff and commit', async (t) => {
  const tspod = await tspodWithEmptyStore(t, { env: { TSPOD_STORAGE_DRIVER: 'vfs' } });
  const owned = { path: 'owned', content: 'x', uid: 100, gid: 101 };
  await tspod.load({ layers: [[...busyboxRoot(), owned]], config: { Env: ['PATH=/bin'] } }, 'localhost/base:1');
  const script = 'echo new >/new; chown 7:8 /new';
  await tspod.ok('run', '--name', 'c', '--network', 'none', '--userns', 'auto', 'base:1', 'sh', '-c', script);
  const lines = (await tspod.ok('diff', 'c')).split('\n');
  assert.ok(lines.includes('A /new') && !lines.some((line) => line.endsWith('owned')), lines.join('\n'));
  await tspod.ok('commit', '--quiet', 'c', 'made');
  const look = ['run', '--rm', '--network', 'none', 'made', 'stat', '-c', '%u:%g', '/new', '/owned'];
  assert.equal(await tspod.ok(...look), '7:8\n100:101');
});

test('diff compares any two, and prints lists', async (t) => {
  const tspod = await changedContainer(t, 'overlay');
  await tspod.ok('create', '--name', 'fresh', '--network', 'none', 'base:1');
  assert.equal(await tspod.ok('diff', 'fresh'), '');
  assert.deepEqual(JSON.parse(await tspod.ok('diff', '--format', 'json', 'fresh')), {});
  const lists = JSON.parse(await tspod.ok('container', 'diff', '--format', 'json', 'c')) as Record<string, string[]>;
  assert.deepEqual(lists['deleted'], ['/data/gone', '/data/opaque/hidden', '/data/tree']);
  assert.ok(lists['added']?.includes('/data/new'));
  const between = (await tspod.ok('diff', 'c', 'fresh')).split('\n');
  assert.ok(between.includes('D /data/tree') && between.includes('A /data/link'), between.join('\n'));
  const { stderr, exitCode } = await tspod('diff', 'nobody');
  assert.match(stderr, /"nobody" not found/);
  assert.equal(exitCode, 125);
  assert.match((await tspod('diff', '--format', 'xml', 'c')).stderr, /only supported value for "--format" is "json"/);
});
