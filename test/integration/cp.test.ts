import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { twoContainers } from '../support/copies.ts';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

/** What is copied in, and where it is then; podman-cp(1) has the rules. */
const INTO: readonly (readonly [source: string, target: string, file: string, content: string])[] = [
  ['file', '/new-file', '/new-file', 'file'],
  ['file', 'relative', '/relative', 'file'],
  ['file', '/data', '/data/file', 'file'],
  ['file', '/data/low', '/data/low', 'file'],
  ['file', '/to-data', '/data/file', 'file'],
  ['file', '/to-passwd', '/etc/passwd', 'file'],
  ['file', '/dangling', '/new', 'file'],
  ['file', '/data/escape', '/tmp/file', 'file'],
  ['file', '/vol', '/vol/file', 'file'],
  ['to-file', '/data', '/data/to-file', 'file'],
  ['dir', '/new-dir', '/new-dir/sub/two', 'two'],
  ['dir', '/data', '/data/dir/one', 'one'],
  ['dir/', '/etc', '/etc/dir/sub/two', 'two'],
  ['dir/.', '/data', '/data/sub/two', 'two'],
  ['dir/.', '/another', '/another/one', 'one'],
  ['to-dir', '/data', '/data/to-dir/one', 'one'],
  ['to-dir/.', '/yet', '/yet/sub/two', 'two'],
  ['.', '/all', '/all/dir/one', 'one'],
];

const REFUSED: readonly (readonly [source: string, target: string, words: RegExp])[] = [
  ['file', 'up:/no-such/x', /"\/no-such\/x" could not be found on container up: no such file or directory/],
  ['file', 'up:new/', /"new\/" could not be found on container up/],
  ['file', 'up:/etc/passwd/', /"\/etc\/passwd\/" on container up exists but is not a directory/],
  ['dir', 'up:/new/', /"\/new\/" could not be found/],
  ['dir', 'up:/etc/passwd', /destination must be a directory when copying a directory/],
  ['no-such', 'up:/', /"no-such" could not be found on the host/],
  ['file', 'no-such:/', /no container with name or ID "no-such" found/],
  ['file', 'file2', /neither is in a container/],
  ['-', '-', /neither is in a container/],
  ['file', 'up:', /you must specify paths/],
  ['up:', 'file', /you must specify paths/],
  ['up:/data/low', 'no-such/x', /"no-such\/x" could not be found on the host/],
  ['up:/data', 'file', /destination must be a directory/],
  ['up:/data', 'new/', /"new\/" could not be found on the host/],
  ['up:/dev/null', 'null', /"\/dev\/null" on container up is neither a file nor a directory/],
  ['up:/data/low', '/dev/full', /invalid destination: "\/dev\/full" must be a directory or a regular file/],
  ['up:/no-such', '-', /"\/no-such" could not be found on container up/],
  ['-', 'up:/etc/passwd', /destination must be a directory when copying from stdin/],
];

test('cp into a container follows the table of its page', async (t) => {
  const tspod = await twoContainers(t);
  for (const [source, target, file, content] of INTO) {
    await tspod.ok('cp', source, `up:${target}`);
    assert.equal(await tspod.ok('exec', 'up', 'cat', file), content, `cp ${source} up:${target}`);
  }
});

test('cp refuses with a sentence, and changes nothing', async (t) => {
  const tspod = await twoContainers(t);
  const before = readdirSync(tspod.folder);
  for (const [source, target, words] of REFUSED) {
    const { exitCode, stderr, stdout } = await tspod('cp', source, target);
    assert.match(stderr, words, `cp ${source} ${target}`);
    assert.equal(exitCode, 125);
    assert.equal(stdout, '');
  }
  assert.deepEqual(readdirSync(tspod.folder), before);
});

test('cp out of a container, running or not, makes files of the user', async (t) => {
  const tspod = await twoContainers(t);
  const read = (path: string) => readFileSync(join(tspod.folder, path), 'utf8');
  await tspod.ok('exec', 'up', 'chown', '-R', '5:6', '/data');
  await tspod.ok('cp', 'up:/data', 'dir');
  assert.equal(read('dir/data/sub/deep'), 'deep\n');
  await tspod.ok('cp', 'up:/data/.', 'new');
  assert.equal(read('new/low'), 'low\n');
  assert.equal(statSync(join(tspod.folder, 'new/low')).uid, process.getuid?.());
  await tspod.ok('cp', 'up:to-data', 'linked');
  assert.equal(read('linked/low'), 'low\n');
  await tspod.ok('cp', 'up:/to-passwd', '.');
  assert.match(read('passwd'), /^root:/);
  await tspod.ok('cp', 'up:/data/low', 'to-file');
  assert.equal(read('file'), 'file\n');
  await tspod.ok('cp', 'down:/etc/passwd', 'stopped');
  assert.match(read('stopped'), /^root:/);
});

test('cp from container to container, within one, and into volumes', async (t) => {
  const tspod = await twoContainers(t);
  await tspod.ok('cp', 'up:/data', 'down:/copy');
  await tspod.ok('cp', 'down:/copy/.', 'down:/again');
  await tspod.ok('cp', 'up:/data/low', 'up:/data/low2');
  await tspod.ok('cp', 'down:/again/sub', 'down:/vol/');
  assert.equal(await tspod.ok('exec', 'up', 'cat', '/vol/sub/deep', '/data/low2'), 'deep\nlow');
});

test('a container that cp has filled starts with the files', async (t) => {
  for (const driver of ['overlay', 'fuse-overlayfs', 'vfs']) {
    if (driver === 'fuse-overlayfs' && missing('fuse') !== false) continue;
    const tspod = await tspodWithBusybox(t, { env: { TSPOD_STORAGE_DRIVER: driver } });
    writeFileSync(join(tspod.folder, 'file'), 'file\n');
    for (const options of [[], ['--userns', 'keep-id'], ['--userns', 'auto'], ['--user', '1234']]) {
      const id = await tspod.ok(
        'create',
        '--network',
        'none',
        ...options,
        'busybox',
        'sh',
        '-c',
        'cat /file; stat -c %u /file; id -u',
      );
      await tspod.ok('cp', 'file', `${id}:/`);
      const [content, owner, user] = (await tspod.ok('start', '--attach', id)).split('\n');
      assert.deepEqual([driver, content, owner], [driver, 'file', user]);
      await tspod.ok('cp', `${id}:/file`, 'back');
      assert.equal(readFileSync(join(tspod.folder, 'back'), 'utf8'), 'file\n');
    }
  }
});

test('cp - reads and writes archives', async (t) => {
  const tspod = await twoContainers(t);
  const archive = execFileSync('tar', ['-c', '-C', tspod.folder, 'dir']);
  assert.equal((await tspod.withInput(archive, 'cp', '-', 'up:/data')).exitCode, 0);
  const zipped = execFileSync('gzip', { input: archive });
  assert.equal((await tspod.withInput(zipped, 'cp', '-', 'down:/')).exitCode, 0);
  assert.equal(await tspod.ok('exec', 'up', 'cat', '/data/dir/sub/two'), 'two');
  const listing = async (path: string) => {
    const child = tspod.start('cp', path, '-');
    return execFileSync('tar', ['-t'], { input: Buffer.concat((await child.stdout.toArray()) as Buffer[]) }).toString();
  };
  assert.equal(await listing('down:/dir'), 'dir/\ndir/one\ndir/sub/\ndir/sub/two\n');
  assert.equal(await listing('up:/data/dir/.'), 'one\nsub/\nsub/two\n');
  const { stderr, exitCode } = await tspod.withInput('no archive at all'.repeat(100), 'cp', '-', 'up:/');
  assert.match(stderr, /the tar archive is malformed/);
  assert.equal(exitCode, 125);
});

test('cp gives files to the user of the container, or keeps their owners', async (t) => {
  const tspod = await tspodWithBusybox(t);
  writeFileSync(join(tspod.folder, 'file'), '', { mode: 0o640 });
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', '--user', 'www', 'busybox', 'sleep', '1000');
  await tspod.ok('cp', 'file', 'c:/tmp/given');
  await tspod.ok('cp', '--archive=false', 'file', 'c:/tmp/kept');
  assert.equal(
    await tspod.ok('exec', 'c', 'stat', '-c', '%u:%g %a', '/tmp/given', '/tmp/kept'),
    '1234:1234 640\n0:0 640',
  );
});

test('a directory gives way to a file only with --overwrite, and the other way round', async (t) => {
  const tspod = await twoContainers(t);
  mkdirSync(join(tspod.folder, 'other/low'), { recursive: true });
  writeFileSync(join(tspod.folder, 'sub'), 'now a file\n');
  for (const source of ['sub', 'other/low', 'other/.']) {
    const { stderr, exitCode } = await tspod('cp', source, 'up:/data');
    assert.match(stderr, /is there and is .*\n.*tspod cp --overwrite/);
    assert.equal(exitCode, 125);
  }
  assert.equal(await tspod.ok('exec', 'up', 'ls', '-A', '/data'), 'escape\nlow\nsub');
  await tspod.ok('cp', '--overwrite', 'sub', 'up:/data');
  await tspod.ok('cp', '--overwrite', 'other/low', 'up:/data');
  assert.equal(await tspod.ok('exec', 'up', 'stat', '-c', '%F', '/data/sub', '/data/low'), 'regular file\ndirectory');
});

test('cp keeps modes, times, hard links and holes', async (t) => {
  const tspod = await twoContainers(t);
  const script =
    'cd /data; ln low hard; chmod 4751 low; touch -d @1000000000 low; truncate -s 64M hole; echo end >>hole';
  await tspod.ok('exec', 'up', 'sh', '-c', script);
  await tspod.ok('cp', 'up:/data', 'out');
  const look = (name: string) => statSync(join(tspod.folder, 'out', name));
  const [low, hard, hole] = [look('low'), look('hard'), look('hole')];
  assert.equal(low.ino, hard.ino);
  assert.equal(low.mode & 0o7777, 0o4751);
  assert.equal(low.mtimeMs, 1_000_000_000_000);
  assert.equal(hole.size, (64 << 20) + 4);
  assert.ok(hole.blocks < 1000, `${String(hole.blocks)} blocks`);
});

test('cp writes to a file on which something is mounted', async (t) => {
  const tspod = await twoContainers(t);
  await tspod.ok('cp', 'file', 'up:/etc/hosts');
  assert.equal(await tspod.ok('exec', 'up', 'cat', '/etc/hosts'), 'file');
});

test('what is mounted read-only cannot be copied to', async (t) => {
  const tspod = await tspodWithBusybox(t);
  writeFileSync(join(tspod.folder, 'file'), '');
  await tspod.ok('run', '-d', '--name', 'ro', '--read-only', '--network', 'none', 'busybox', 'sleep', '1000');
  const { stderr, exitCode } = await tspod('cp', 'file', 'ro:/file');
  assert.match(stderr, /cannot copy "file" on the host to "\/file" on container ro, at "file": read-only file system/);
  assert.equal(exitCode, 125);
  writeFileSync(join(tspod.folder, 'file'), Buffer.alloc(4 << 20));
  assert.match((await tspod('cp', 'file', 'ro:/file')).stderr, /at "file": read-only file system/);
  const onProc = await tspod('cp', 'file', 'ro:/proc/sys/file');
  assert.match(onProc.stderr, /to "\/proc\/sys\/file" on container ro: the kernel makes what is there, and takes no/);
  assert.equal(onProc.exitCode, 125);
});
