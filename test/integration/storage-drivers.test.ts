import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithEmptyStore } from '../support/tspod.ts';
import { busyboxImage, manyLayersImage, peculiarImage } from '../support/images.ts';

const DRIVERS = [
  { driver: 'overlay', skip: missing('overlay', 'subuid') },
  { driver: 'fuse-overlayfs', skip: missing('fuse', 'subuid') },
  { driver: 'vfs', skip: missing('subuid') },
] as const;

for (const { driver, skip } of DRIVERS) {
  const run = ['--storage-driver', driver, 'run', '--rm', '--network', 'none'];

  test(`${driver}: a container writes, and the next one of the image does not see it`, { skip }, async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    await tspod.load(busyboxImage(), 'localhost/busybox:latest');
    const script = 'echo new >/new && rm /etc/group && mv /etc/passwd /etc/moved && ls /etc && cat /new';
    assert.equal(await tspod.ok(...run, 'busybox', 'sh', '-c', script), 'hostname\nhosts\nmoved\nmtab\nnew');
    assert.equal(
      await tspod.ok(...run, 'busybox', 'sh', '-c', 'ls /new 2>&1 | wc -l; ls /etc/passwd'),
      '1\n/etc/passwd',
    );
  });

  test(`${driver}: what a stopped container wrote is there when it starts again`, { skip }, async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    await tspod.load(busyboxImage(), 'localhost/busybox:latest');
    await tspod.ok(
      '--storage-driver',
      driver,
      'run',
      '--name',
      'c',
      '--network',
      'none',
      'busybox',
      'sh',
      '-c',
      'echo x >>/count; wc -l </count',
    );
    await tspod.ok('--storage-driver', driver, 'start', 'c');
    await eventually(async () => (await tspod.ok('logs', 'c')) === '1\n2', 'the second start has counted');
  });

  test(
    `${driver}: an image keeps hard links, long names, owners, modes, sparse files and deletions`,
    { skip },
    async (t) => {
      const tspod = await tspodWithEmptyStore(t);
      await tspod.load(peculiarImage(), 'localhost/peculiar:latest');
      const script = [
        'stat -c "%n %h" /hard-a /hard-b',
        'cat /deep/*/*/*/*/*/*/*/*/file /gnu/*/*/*/*/*/*/file /long-link',
        'stat -c "%n %a %u:%g" /setuid /setgid /owned /owned-high /root /tmp',
        'ls /gone /opaque',
        'cat /keep /replaced /opaque/new',
        'stat -c "%n %s" /sparse; tail -c 4 /sparse',
        'stat -c "%n %F" /fifo',
        'stat -c "%n %Y" /old',
        'cat /unicode-*',
      ].join('; ');
      const { stdout } = await tspod(...run, 'localhost/peculiar', 'sh', '-c', script);
      assert.deepEqual(stdout.split('\n'), [
        '/hard-a 2',
        '/hard-b 2',
        'pax',
        'gnu',
        'pax',
        '/setuid 4755 0:0',
        '/setgid 2775 0:1234',
        '/owned 644 1001:2002',
        '/owned-high 644 60000:60000',
        '/root 700 0:0',
        '/tmp 1777 0:0',
        '/opaque:',
        'new',
        'kept',
        'now a file',
        'seen',
        '/sparse 1048580',
        'end',
        '/fifo fifo',
        '/old 86400',
        'utf-8',
      ]);
    },
  );

  test(`${driver}: an image of 127 layers runs`, { skip }, async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    await tspod.load(manyLayersImage(), 'localhost/many:latest');
    assert.equal(await tspod.ok(...run, 'localhost/many', 'sh', '-c', 'cat /last; ls -d /layer-* | wc -l'), '127\n126');
  });

  test(
    `${driver}: two containers of one image run at the same time and do not see each other's files`,
    { skip },
    async (t) => {
      const tspod = await tspodWithEmptyStore(t);
      await tspod.load(busyboxImage(), 'localhost/busybox:latest');
      for (const name of ['a', 'b']) {
        await tspod.ok(
          '--storage-driver',
          driver,
          'run',
          '-d',
          '--name',
          name,
          '--network',
          'none',
          'busybox',
          'sh',
          '-c',
          `echo ${name} >/who; sleep 1000`,
        );
      }
      for (const name of ['a', 'b']) {
        await eventually(
          async () => (await tspod('exec', name, 'cat', '/who')).stdout === name,
          `${name} reads its own file`,
        );
      }
    },
  );
}

test(
  'inspect names the directories of an overlay, and where they are one while the container runs',
  { skip: missing('overlay', 'subuid') },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    await tspod.load(busyboxImage(), 'localhost/busybox:latest');
    const directories = async (name: string) =>
      JSON.parse(await tspod.ok('inspect', '--format', '{{json .GraphDriver.Data}}', name)) as Record<string, string>;
    const chosen = ['--network', 'none', 'busybox', 'sleep', '1000'];
    await tspod.ok('--storage-driver', 'overlay', 'run', '-d', '--name', 'c', ...chosen);
    await tspod.ok('exec', 'c', 'sh', '-c', 'echo new >/file');
    const { LowerDir = '', MergedDir = '', UpperDir = '' } = await directories('c');
    assert.ok(existsSync(join(LowerDir, 'bin/busybox')));
    assert.equal(readFileSync(join(UpperDir, 'file'), 'utf8'), 'new\n');
    assert.equal(readFileSync(join(MergedDir, 'file'), 'utf8'), 'new\n');
    assert.ok(existsSync(join(MergedDir, 'bin/busybox')));
    await tspod.ok('stop', '--time', '0', 'c');
    assert.deepEqual(Object.keys(await directories('c')), ['LowerDir', 'UpperDir', 'WorkDir']);
    await tspod.ok('--storage-driver', 'vfs', 'create', '--name', 'copied', ...chosen);
    assert.deepEqual(await directories('copied'), {});
  },
);

test(
  "info names the storage driver that was chosen, and auto prefers the kernel's overlay",
  { skip: missing('overlay', 'subuid') },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    const info = JSON.parse(await tspod.ok('info', '--format', 'json')) as { store: { graphDriverName: string } };
    assert.equal(info.store.graphDriverName, 'overlay');
  },
);

test(
  'fuse-overlayfs: where systemd cannot make the scope, what waits for it to mount the root ends',
  { skip: missing('fuse', 'subuid', 'systemd') },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    const run = ['--storage-driver', 'fuse-overlayfs', 'run', '--rm', '--network', 'none'];
    const { exitCode, stderr } = await tspod(...run, '--cgroup-parent', 'work', 'localhost/tspod/hello');
    assert.equal(exitCode, 125);
    assert.match(stderr, /^Error: the cgroup parent "work" is no slice of systemd\n/);
  },
);

test('doctor tries what a store on FUSE can do', { skip: missing('fuse', 'subuid') }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const script = `cd ${tspod.folder} && mkdir lower upper work merged &&
    fuse-overlayfs -o lowerdir=lower,upperdir=upper,workdir=work merged &&
    ${tspod.program} --root $PWD/merged/store doctor; ls -A merged/store; umount merged`;
  const { stdout } = await tspod('unshare', 'sh', '-c', script);
  // It keeps files of other users; whether fuse-overlayfs works on itself is its version's.
  assert.match(stdout, /^(ok {7}store: .*, on fuse|limited {2}store: ".*" is on fuse, on which nothing overlays:.*)$/m);
  assert.doesNotMatch(stdout, /[.]probe/);
});
