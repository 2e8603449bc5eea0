import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

async function withShare(t: TestContext) {
  const tspod = await tspodWithBusybox(t);
  const share = join(tspod.folder, 'share');
  mkdirSync(share);
  writeFileSync(join(share, 'file'), 'host\n');
  return { tspod, share };
}

test("a bind mount shows the host's files, and what the container writes", async (t) => {
  const { tspod, share } = await withShare(t);
  assert.equal(
    await tspod.ok(...run, '-v', `${share}:/data`, 'busybox', 'sh', '-c', 'cat /data/file; echo box >/data/new'),
    'host',
  );
  assert.equal(readFileSync(join(share, 'new'), 'utf8'), 'box\n');
});

test('a read-only bind mount refuses writes, by -v and by --mount', async (t) => {
  const { tspod, share } = await withShare(t);
  for (const option of [
    ['-v', `${share}:/data:ro`],
    ['--mount', `type=bind,source=${share},target=/data,readonly`],
    ['--mount', `type=bind,src=${share},dst=/data,ro=true`],
  ]) {
    const { exitCode, stderr } = await tspod(...run, ...option, 'busybox', 'touch', '/data/x');
    assert.equal(exitCode, 1);
    assert.match(stderr, /Read-only file system/);
  }
});

test('a single file can be mounted, also over one of the image', async (t) => {
  const { tspod, share } = await withShare(t);
  assert.equal(
    await tspod.ok(...run, '-v', `${join(share, 'file')}:/etc/passwd:ro,z`, 'busybox', 'cat', '/etc/passwd'),
    'host',
  );
  assert.equal(
    await tspod.ok(...run, '-v', `${join(share, 'file')}:/new/place/file`, 'busybox', 'cat', '/new/place/file'),
    'host',
  );
});

test('bind options are those of mount(8)', async (t) => {
  const { tspod, share } = await withShare(t);
  const line = await tspod.ok(
    ...run,
    '-v',
    `${share}:/data:noexec,nodev,nosuid,rprivate,Z`,
    'busybox',
    'grep',
    ' /data ',
    '/proc/mounts',
  );
  for (const option of ['noexec', 'nodev', 'nosuid']) assert.match(line, new RegExp(`\\b${option}\\b`));
});

test('two mounts on one place are refused', async (t) => {
  const { tspod, share } = await withShare(t);
  const { exitCode, stderr } = await tspod(...run, '-v', `${share}:/data`, '--tmpfs', '/data', 'busybox', 'true');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"\/data"/);
});

test(
  'the option O lets the container write and leaves the directory as it is',
  { skip: missing('overlay') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const source = join(tspod.folder, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'kept'), 'old');
    const script = 'ls /x; echo new >/x/kept; touch /x/more; cat /x/kept';
    await tspod.ok('create', '--name', 'c', '--network', 'none', '-v', `${source}:/x:O`, 'busybox', 'sh', '-c', script);
    for (let start = 0; start < 2; start++) assert.equal(await tspod.ok('start', '--attach', 'c'), 'kept\nnew');
    assert.deepEqual(readdirSync(source), ['kept']);
    assert.equal(readFileSync(join(source, 'kept'), 'utf8'), 'old');
  },
);

test("the option U gives a directory to the container's user", { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const source = join(tspod.folder, 'source');
  mkdirSync(join(source, 'below'), { recursive: true });
  const owner = ['busybox', 'stat', '-c', '%u:%g', '/x', '/x/below'];
  const run = ['run', '--rm', '--network', 'none', '-v', `${source}:/x:U`];
  assert.equal(await tspod.ok(...run, '--user', 'www', ...owner), '1234:1234\n1234:1234');
  assert.equal(await tspod.ok(...run, '--user', '33:44', '--userns', 'keep-id', ...owner), '33:44\n33:44');
  assert.equal(await tspod.ok(...run, ...owner), '0:0\n0:0');
  const refused = await tspod(...run, '--user', 'stranger', ...owner);
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /"stranger"/);
});
