import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** A directory with a file, and two for what is written: the words for `-v`. */
async function withKept(t: TestContext) {
  const tspod = await tspodWithBusybox(t);
  const [source, upper, work] = ['source', 'up', 'work'].map((name) => join(tspod.folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [source, upper, work]) mkdirSync(path);
  chmodSync(source, 0o750);
  writeFileSync(join(source, 'kept'), 'old\n');
  return { tspod, source, upper, work, kept: ['-v', `${source}:/x:O,upperdir=up,workdir=${work}`] };
}

test(
  'with upperdir and workdir the option O keeps what is written, over restarts and containers',
  { skip: missing('overlay') },
  async (t) => {
    const { tspod, source, upper, kept } = await withKept(t);
    const script = 'stat -c %a /x; chmod 700 /x; cat /x/kept; echo new >/x/kept; touch /x/more; ls /y; touch /y/z';
    const mounts = [...kept, '-v', `${source}:/y:O`];
    await tspod.ok('create', '--name', 'c', '--network', 'none', ...mounts, 'busybox', 'sh', '-c', script);
    assert.equal(await tspod.ok('start', '--attach', 'c'), '750\nold\nkept');
    assert.equal(await tspod.ok('start', '--attach', 'c'), '700\nnew\nkept');
    const binds = await tspod.ok('inspect', '--format', '{{index .HostConfig.Binds 0}}', 'c');
    assert.ok(binds.includes(`upperdir=${upper}`), binds);
    await tspod.ok('rm', 'c');
    assert.equal(await tspod.ok(...run, ...kept, 'busybox', 'cat', '/x/kept'), 'new');
    assert.deepEqual(readdirSync(upper).sort(), ['kept', 'more']);
    assert.deepEqual(readdirSync(source), ['kept']);
    assert.equal(readFileSync(join(source, 'kept'), 'utf8'), 'old\n');
  },
);

test('volumes can be overlaid, too, several with directories of their own', { skip: missing('overlay') }, async (t) => {
  const { tspod, source, upper, kept } = await withKept(t);
  for (const name of ['up2', 'work2']) mkdirSync(join(tspod.folder, name));
  const mounts = [...kept, '-v', 'data:/d:O,upperdir=up2,workdir=work2'];
  for (const seen of ['', 'd']) {
    assert.equal(await tspod.ok(...run, ...mounts, 'busybox', 'sh', '-c', 'ls /d; touch /d/d /x/x'), seen);
  }
  assert.deepEqual(
    [readdirSync(upper), readdirSync(join(tspod.folder, 'up2')), readdirSync(source)],
    [['x'], ['d'], ['kept']],
  );
  assert.equal(await tspod.ok(...run, '-v', 'data:/d', 'busybox', 'ls', '/d'), '');
});

test(
  'directories for what is written that are missing or shared are refused',
  { skip: missing('overlay') },
  async (t) => {
    const { tspod, source, upper, work, kept } = await withKept(t);
    const refused = async (...words: string[]) => {
      const { exitCode, stderr } = await tspod(...run, ...words, 'busybox', 'true');
      assert.equal(exitCode, 125, words.join(' '));
      return stderr;
    };
    rmSync(work, { recursive: true });
    assert.match(
      await refused(...kept),
      /cannot keep what is written to "\/x": ".*work" on this machine does not exist\n +try: mkdir -p/,
    );
    for (const path of [work, join(tspod.folder, 'other')]) mkdirSync(path);
    assert.match(
      await refused(...kept, '-v', `${source}:/y:O,upperdir=up,workdir=other`),
      /directories of one mount alone: ".*up"/,
    );
    mkdirSync(join(upper, 'below'));
    const inside = `${upper}/below:/x:O,upperdir=up,workdir=work`;
    assert.match(await refused('-v', inside), /cannot overlay on "\/x".*\n.*None of ".*up", .* may be in another/);
    await tspod.ok('run', '-d', '--name', 'first', '--network', 'none', ...kept, 'busybox', 'sleep', '1000');
    assert.match(await refused(...kept), /goes to ".*", which the container "first" has\n.*tspod stop first/);
    assert.match(await refused('--volumes-from', 'first'), /goes to ".*", which the container "first" has/);
    await tspod.ok('rm', '--force', '--time', '0', 'first');
    assert.deepEqual(readdirSync(upper), ['below']);
  },
);

test(
  'cp writes to the upper directory of a container that does not run, never below it',
  { skip: missing('overlay') },
  async (t) => {
    const { tspod, source, upper, kept } = await withKept(t);
    writeFileSync(join(tspod.folder, 'file'), 'copied\n');
    await tspod.ok('create', '--name', 'c', ...kept, '-v', `${source}:/y:O`, 'busybox', 'true');
    await tspod.ok('cp', 'file', 'c:/x/');
    const { exitCode, stderr } = await tspod('cp', 'file', 'c:/y/');
    assert.equal(exitCode, 125);
    assert.match(stderr, /read-only/i);
    await tspod.ok('cp', 'c:/x', 'copy');
    assert.deepEqual(readdirSync(join(tspod.folder, 'copy')).sort(), ['file', 'kept']);
    assert.deepEqual([readdirSync(upper), readdirSync(source)], [['file'], ['kept']]);
  },
);

test('with O a directory has the owner that it has without', { skip: missing('overlay', 'subuid') }, async (t) => {
  const { tspod, source, upper, kept } = await withKept(t);
  const look = ['--user', '7:8', 'busybox', 'sh', '-c', 'touch /x/own; stat -c %u:%g /x'];
  await tspod.ok(...run, '-v', `${source}:/x:U`, ...look);
  for (const mount of [['-v', `${source}:/x:O`], kept]) assert.equal(await tspod.ok(...run, ...mount, ...look), '7:8');
  await tspod.ok('unshare', 'chown', '-R', '0:0', source, upper);
});

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
