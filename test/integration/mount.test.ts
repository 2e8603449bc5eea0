import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const overlay = { skip: missing('overlay') };

test('mount shows the files of a container inside unshare, and what is written there stays', overlay, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox', 'cat', '/etc/written');
  const script = `set -e; m=$(${tspod.program} mount c); test -x $m/bin/busybox; echo there > $m/etc/written; ${tspod.program} mount; ${tspod.program} umount c; test ! -e $m/bin`;
  const id = await tspod.ok('inspect', '--format', '{{.Id}}', 'c');
  const lines = await tspod.ok('unshare', 'sh', '-c', script);
  assert.match(lines, new RegExp(`^${id.slice(0, 12)}  /.*\nc$`));
  assert.equal(await tspod.ok('start', '--attach', 'c'), 'there');
});

test('image mount shows an image, not to be written', overlay, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { program } = tspod;
  const script = `m=$(${program} image mount busybox) && ls $m/bin/busybox && ! touch $m/x && ${program} image mount --format json && ${program} image unmount busybox`;
  const lines = (await tspod.ok('unshare', 'sh', '-c', script)).split('\n');
  assert.match(lines[0] ?? '', /bin\/busybox$/);
  assert.match(lines.at(-1) ?? '', /^[0-9a-f]{64}$/);
});

test('mount says where it works, and for what not', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const words of [['mount'], ['mount', 'c'], ['unmount', 'c'], ['image', 'mount'], ['image', 'unmount', 'x']]) {
    const { stderr, exitCode } = await tspod(...words);
    assert.match(stderr, /cannot run command "tspod .*mount" in rootless mode, must execute "tspod unshare" first/);
    assert.equal(exitCode, 125);
  }
  await tspod.ok('run', '-d', '--name', 'up', '--network', 'none', 'busybox', 'sleep', '1000');
  const { stderr, exitCode } = await tspod('unshare', tspod.program, 'mount', 'up');
  assert.match(stderr, /cannot mount the container "up" while it is running/);
  assert.equal(exitCode, 125);
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
      ['start', 'restart', 'c'],
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
