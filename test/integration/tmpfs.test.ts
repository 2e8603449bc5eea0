import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

test('--mount type=tmpfs takes a size', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const line = await tspod.ok(
    ...run,
    '--mount',
    'type=tmpfs,destination=/t,tmpfs-size=1m',
    'busybox',
    'grep',
    ' /t ',
    '/proc/mounts',
  );
  assert.match(line, /^tmpfs \/t tmpfs .*size=1024k/);
});

test('--tmpfs takes the owner, a propagation, and limits of the kernel', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const show = ['busybox', 'sh', '-c', 'stat -c %u:%g:%a /t; grep " /t " /proc/self/mountinfo'];
  const run = async (tmpfs: string) =>
    await tspod.ok('run', '--rm', '--network', 'none', '--user', '5', '--tmpfs', tmpfs, ...show);
  assert.match(await run('/t:U,mode=0700,nr_inodes=10k,nr_blocks=4k'), /^5:0:700\n.* - tmpfs .*nr_inodes=10240/);
  assert.match(await run('/t:rprivate,ro'), /^0:0:1777\n.* ro,nosuid,nodev,relatime - tmpfs/);
  assert.match(await run('/t:rslave'), /nosuid,nodev,relatime - tmpfs/);
  assert.match(await run('/t:shared'), / shared:\d+ - tmpfs/);
  assert.match(await run('/t:unbindable,exec,dev,suid'), / rw,relatime unbindable - tmpfs/);
  const { exitCode, stderr } = await tspod('run', '--rm', '--tmpfs', '/t:ro,rw', ...show);
  assert.deepEqual([exitCode, /"ro" and "rw" exclude each other/.test(stderr)], [125, true]);
});

test("the option U gives a tmpfs to the container's user", { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const show = ['busybox', 'sh', '-c', 'touch /t/file && stat -c %u:%g:%a /t'];
  const run = ['run', '--rm', '--network', 'none', '--mount', 'type=tmpfs,target=/t,tmpfs-mode=0700,U'];
  assert.equal(await tspod.ok(...run, '--user', 'www', ...show), '1234:1234:700');
  assert.equal(await tspod.ok(...run, '--user', '33:44', '--userns', 'keep-id', ...show), '33:44:700');
  assert.equal(await tspod.ok(...run, '--userns', 'auto', ...show), '0:0:700');
  const refused = await tspod(...run, '--user', 'stranger', ...show);
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /"stranger"/);
  const given = await tspod('run', '--rm', '--mount', 'type=tmpfs,target=/t,z', ...show);
  assert.equal(given.exitCode, 125);
  assert.match(given.stderr, /a mount of type tmpfs has no option "z"/);
});
