import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { findProcesses } from '../support/processes.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

const overlay = { skip: missing('overlay') };
const fuse = { skip: missing('fuse', 'subuid') };
const DRIVERS = [
  { driver: 'overlay', skip: overlay.skip },
  { driver: 'fuse-overlayfs', skip: fuse.skip },
  { driver: 'vfs', skip: missing('subuid') },
];

for (const { driver, skip } of DRIVERS) {
  test(
    `${driver}: mount shows the files of a container inside unshare, and what is written there stays`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      await tspod.ok(
        '--storage-driver',
        driver,
        'create',
        '--name',
        'c',
        '--network',
        'none',
        'busybox',
        'cat',
        '/etc/written',
      );
      const script = `set -e; m=$(${tspod.program} mount c); test -x $m/bin/busybox; echo there > $m/etc/written; ${tspod.program} mount; ${tspod.program} umount c; test ! -e $m/bin`;
      const id = await tspod.ok('inspect', '--format', '{{.Id}}', 'c');
      const lines = await tspod.ok('unshare', 'sh', '-c', script);
      assert.match(lines, new RegExp(`^${id.slice(0, 12)}  /.*\nc$`));
      assert.equal(await tspod.ok('start', '--attach', 'c'), 'there');
    },
  );
}

test('image mount shows an image, not to be written', overlay, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { program } = tspod;
  const script = `m=$(${program} image mount busybox) && ls $m/bin/busybox && ! touch $m/x && ${program} image mount --format json && ${program} image unmount busybox`;
  const lines = (await tspod.ok('unshare', 'sh', '-c', script)).split('\n');
  assert.match(lines[0] ?? '', /bin\/busybox$/);
  assert.match(lines.at(-1) ?? '', /^[0-9a-f]{64}$/);
});

test('mount says where it works', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const words of [['mount'], ['mount', 'c'], ['unmount', 'c'], ['image', 'mount'], ['image', 'unmount', 'x']]) {
    const { stderr, exitCode } = await tspod(...words);
    assert.match(stderr, /cannot run command "tspod .*mount" in rootless mode, must execute "tspod unshare" first/);
    assert.equal(exitCode, 125);
  }
  for (const words of [['umount'], ['image', 'umount']]) assert.equal(await tspod.ok(...words, '--all'), '');
});

for (const { driver, skip } of DRIVERS.slice(0, 2)) {
  test(
    `${driver}: a container that is mounted cannot be started or mounted elsewhere until the session ends`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      const { program } = tspod;
      const create = ['--storage-driver', driver, 'create', '--name', 'c', '--network', 'none', 'busybox'];
      await tspod.ok(...create, 'cat', '/etc/written');
      const session = tspod.start(
        'unshare',
        'sh',
        '-c',
        `${program} mount c; read line; echo $line > $(${program} mount c)/etc/written`,
      );
      await once(session.stdout, 'data');
      for (const [failed, ...words] of [
        ['start', 'start', 'c'],
        ['restart', 'restart', 'c'],
        ['mount', 'unshare', program, 'mount', 'c'],
      ]) {
        const { stderr, exitCode } = await tspod(...words);
        const message = `^Error: cannot ${failed} the container "c": its root file system is mounted in "tspod unshare", where the process \\d+ is\n  Unmount it there, or end that session: tspod unmount --all$`;
        assert.match(stderr, new RegExp(message));
        assert.equal(exitCode, 125);
      }
      session.stdin.end('there\n');
      await once(session, 'close');
      assert.equal(await tspod.ok('start', '--attach', 'c'), 'there');
      assert.equal(await tspod.ok('start', '--attach', 'c'), 'there');
    },
  );

  test(`${driver}: cp, export and commit work on a container where a session has it mounted`, { skip }, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { program, folder } = tspod;
    const create = ['--storage-driver', driver, 'create', '--name', 'c', '-v', 'data:/data', '--network', 'none'];
    await tspod.ok(...create, 'busybox', 'cat', '/etc/copied');
    await tspod.ok('cp', program, 'c:/data/before');
    const session = tspod.start(
      'unshare',
      'sh',
      '-c',
      `m=$(${program} mount c); echo written >$m/etc/written; mkdir $m/etc/made; echo ready; read line; ` +
        `cat $m/etc/copied; rmdir $m/etc/made; ls -A $m/data; ${program} cp c:/etc/copied -; grep -c $m /proc/self/mountinfo`,
    );
    t.after(() => session.stdin.destroy());
    const said = session.stdout.toArray();
    const isReady = async () => (await tspod('cp', 'c:/etc/made', '-')).exitCode === 0;
    await eventually(isReady, 'the session');
    writeFileSync(join(folder, 'copied'), 'copied\n');
    await tspod.ok('cp', join(folder, 'copied'), 'c:/etc/copied');
    await tspod.ok('cp', join(folder, 'copied'), 'c:/data/copied');
    await tspod.ok('cp', 'c:/etc/written', join(folder, 'written'));
    assert.equal(readFileSync(join(folder, 'written'), 'utf8'), 'written\n');
    await tspod.ok('export', '-o', join(folder, 'all.tar'), 'c');
    const names = execFileSync('tar', ['-tf', join(folder, 'all.tar')], { encoding: 'utf8' }).split('\n');
    for (const name of ['etc/copied', 'etc/made/', 'etc/written']) assert.ok(names.includes(name), name);
    await tspod.ok('commit', '--squash', 'c', 'squashed');
    session.stdin.end('\n');
    await once(session, 'close');
    const lines = Buffer.concat((await said) as Buffer[]).toString('latin1');
    assert.match(lines, /^ready\ncopied\ncopied\0+[^]*\0copied\n\0[^]*\0+1\n$/);
    assert.equal(await tspod.ok('start', '--attach', 'c'), 'copied');
    assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'squashed', 'cat', '/etc/written'), 'written');
    assert.equal(
      await tspod.ok('run', '--rm', '-v', 'data:/data', '--network', 'none', 'busybox', 'cat', '/data/copied'),
      'copied',
    );
  });
}

for (const { driver, skip } of DRIVERS.slice(1)) {
  test(
    `${driver}: a session sees the owners of a keep-id container as the host has them, export as it has them itself`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      const { program } = tspod;
      const { uid } = userInfo();
      const create = ['--storage-driver', driver, 'create', '--name', 'c', '--userns', 'keep-id', '--network', 'none'];
      await tspod.ok(...create, 'busybox', 'stat', '-c', '%u', '/bin/busybox', '/mine', '/roots', '/given');
      const script =
        `m=$(${program} mount c); stat -c %u $m/bin/busybox; ` +
        `touch $m/mine $m/roots; chown 0:0 $m/mine; chown 1:1 $m/roots; ` +
        `${program} cp $m/etc/passwd c:/given; stat -c %u $m/given; ` +
        `${program} export c | tar -tv --numeric-owner given mine roots | cut -d ' ' -f 2 | cut -d / -f 1 | sort`;
      assert.equal(await tspod.ok('unshare', 'sh', '-c', script), `1\n0\n0\n${uid}\n${uid}`);
      assert.equal(await tspod.ok('start', '--attach', 'c'), `0\n${uid}\n0\n${uid}`);
    },
  );
}

test(
  'what serves a container of fuse-overlayfs ends when it is unmounted, whatever else is mounted',
  fuse,
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { program } = tspod;
    for (const name of ['a', 'b']) await createFuse(tspod, name);
    const session = tspod.start('unshare', 'sh');
    const lines = createInterface(session.stdout)[Symbol.asyncIterator]();
    const say = async (command: string) => {
      session.stdin.write(`${command}; echo\n`);
      while ((await lines.next()).value !== '');
    };
    for (const [first, second] of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      await say(`${program} mount a b`);
      assert.equal(findServers(tspod).length, 2);
      await say(`${program} unmount ${String(first)}`);
      await eventually(() => findServers(tspod).length === 1, 'the end of the one');
      await tspod.ok('start', '--attach', String(first));
      await say(`${program} unmount ${String(second)}`);
      await eventually(() => findServers(tspod).length === 0, 'the end of the other');
    }
    await say(`m=$(${program} mount a); cd $m; ${program} unmount --force a`);
    assert.equal(findServers(tspod).length, 1);
    await say('cd /');
    await eventually(() => findServers(tspod).length === 0, 'the end of what was in use');
    await say(`${program} mount a; ${program} rm a`);
    await eventually(() => findServers(tspod).length === 0, 'the end of what was removed');
    session.stdin.end();
    await once(session, 'close');
  },
);

test('what serves a container of fuse-overlayfs ends with its session, also one that is killed', fuse, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await createFuse(tspod, 'a');
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGHUP'] as const) {
    const session = tspod.start('unshare', 'sh', '-c', `${tspod.program} mount a; read line`);
    await once(session.stdout, 'data');
    assert.equal(findServers(tspod).length, 1);
    session.kill(signal);
    await eventually(() => findServers(tspod).length === 0, `the end after ${signal}`);
    await tspod.ok('start', '--attach', 'a');
  }
});

test('a mount of fuse-overlayfs that cannot be says why, and leaves nothing', fuse, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { program } = tspod;
  await createFuse(tspod, 'a');
  const id = await tspod.ok('inspect', '--format', '{{.Id}}', 'a');
  for (const [without, sentence] of [
    [
      'mount --bind /dev/null /dev/fuse',
      /^Error: fuse-overlayfs cannot mount the root file system: "[^"]*[^ ]": invalid/,
    ],
    ['mount -t tmpfs tmpfs /dev', /^Error: fuse-overlayfs needs "\/dev\/fuse", which cannot be opened: ENOENT/],
    [
      'mount --bind /dev/null $(command -v fuse-overlayfs)',
      /^Error: .* needs the program fuse-overlayfs, which is not/,
    ],
  ] as const) {
    const { stderr, exitCode } = await tspod('unshare', 'sh', '-c', `${without} && exec ${program} mount a`);
    assert.match(stderr, sentence);
    assert.equal(exitCode, 125);
    assert.ok(!existsSync(join(tspod.runtime, 'containers', id, 'mounted')));
    assert.deepEqual(findServers(tspod), []);
  }
  await tspod.ok('start', '--attach', 'a');
});

async function createFuse(tspod: Tspod, name: string): Promise<void> {
  const create = ['--storage-driver', 'fuse-overlayfs', 'create', '--name', name, '--network', 'none'];
  await tspod.ok(...create, 'busybox', 'true');
}

/** The processes that serve a file system of this test's store. */
function findServers({ store }: Tspod): number[] {
  return findProcesses((commandLine) => {
    const [program = '', ...words] = commandLine.split('\0');
    return basename(program) === 'fuse-overlayfs' && words.some((word) => word.includes(`upperdir=${store}/`));
  });
}
