import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const overlay = { skip: missing('overlay') };

for (const { driver, skip } of [
  { driver: 'overlay', skip: overlay.skip },
  { driver: 'vfs', skip: missing('subuid') },
]) {
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

test(
  'a container that is mounted cannot be started or mounted elsewhere until the session ends',
  overlay,
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { program } = tspod;
    await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox', 'cat', '/etc/written');
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

test('cp, export and commit work on a container where a session has it mounted', overlay, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { program, folder } = tspod;
  await tspod.ok('create', '--name', 'c', '-v', 'data:/data', '--network', 'none', 'busybox', 'cat', '/etc/copied');
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
