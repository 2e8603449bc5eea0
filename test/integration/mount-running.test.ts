import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

const overlay = { skip: missing('overlay', 'subuid') };
const DRIVERS = [
  { driver: 'overlay', skip: overlay.skip },
  { driver: 'vfs', skip: missing('subuid') },
] as const;
const IDLE = ['--network', 'none', 'busybox', 'sleep', '1000'];

for (const { driver, skip } of DRIVERS) {
  test(
    `${driver}: a container that runs is mounted as its processes see it, without its volumes`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      await tspod.ok('--storage-driver', driver, 'run', '-d', '--name', 'c', '-v', 'data:/data', ...IDLE);
      await tspod.ok('exec', 'c', 'sh', '-c', 'echo inside >/own; chown 5:6 /own; echo volume >/data/file');
      const session = openSession(tspod);
      const path = await session.say(`${tspod.program} mount c`);
      assert.equal(await session.say(`cat ${path}/own; stat -c %u:%g ${path}/own; ls ${path}/data`), 'inside\n5:6');
      await tspod.ok('exec', 'c', 'sh', '-c', 'echo later >>/own');
      assert.equal(await session.say(`cat ${path}/own`), 'inside\nlater');
      await session.say(`echo outside >${path}/given; chown 7:8 ${path}/given; rm ${path}/own`);
      const seen = await tspod.ok('exec', 'c', 'sh', '-c', 'cat /given; stat -c %u:%g /given; ls /own 2>&1 | wc -l');
      assert.equal(seen, 'outside\n7:8\n1');
      const id = await tspod.ok('inspect', '--format', '{{.Id}}', 'c');
      assert.equal(await session.say(`${tspod.program} mount`), `${id.slice(0, 12)}  ${path}`);
      assert.equal(await session.say(`${tspod.program} mount c`), path);
      assert.equal(await session.say(`${tspod.program} unmount c; ls ${path}; ${tspod.program} mount`), 'c');
      assert.equal(await tspod.ok('exec', 'c', 'cat', '/given'), 'outside');
      await session.end();
    },
  );

  test(`${driver}: what is removed while a session has it mounted is gone there, too`, { skip }, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { program } = tspod;
    const session = openSession(tspod);
    for (const [remove, ...flags] of [
      [() => tspod.ok('rm', '-f', '-t', '0', 'c')],
      [() => session.say(`${program} rm -f -t 0 c`)],
      [() => tspod.ok('stop', '-t', '0', 'c'), '--rm'],
      [() => session.say(`${program} stop -t 0 c`), '--rm'],
    ] as const) {
      await tspod.ok('--storage-driver', driver, 'run', '-d', '--name', 'c', ...flags, ...IDLE);
      const path = await session.say(`${program} mount c`);
      assert.notEqual(await session.say(`ls ${path}`), '');
      await remove();
      await eventually(() => !existsSync(path), 'the directory is gone');
      assert.equal(await session.say(`grep -c ${path} /proc/self/mountinfo; ${program} mount`), '0');
      assert.deepEqual(readdirSync(join(tspod.store, 'containers')), ['by-name']);
      assert.deepEqual(readdirSync(join(tspod.runtime, 'containers')), []);
    }
    await session.end();
  });
}

test('a container that a session has mounted is not restarted, and stays mounted when it ends', overlay, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { program } = tspod;
  await tspod.ok('run', '-d', '--name', 'c', ...IDLE);
  const session = openSession(tspod);
  const path = await session.say(`${program} mount c`);
  const { stderr, exitCode } = await tspod('restart', '-t', '0', 'c');
  assert.match(stderr, /^Error: cannot restart the container "c": its root file system is mounted in "tspod unshare"/);
  assert.equal(exitCode, 125);
  assert.match(await session.say(`${program} restart -t 0 c 2>&1`), /is mounted in this "tspod unshare"/);
  await tspod.ok('exec', 'c', 'sh', '-c', 'echo written >/file');
  await tspod.ok('stop', '-t', '0', 'c');
  assert.equal(await session.say(`cat ${path}/file; echo more >>${path}/file`), 'written');
  assert.equal(await session.say(`${program} mount c`), path);
  const start = await tspod('start', 'c');
  assert.match(
    start.stderr,
    /^Error: cannot start the container "c": its root file system is mounted in "tspod unshare"/,
  );
  assert.match((await tspod('unshare', program, 'mount', 'c')).stderr, /cannot mount the container "c"/);
  await session.end();
  await tspod.ok('start', 'c');
  assert.equal(await tspod.ok('exec', 'c', 'cat', '/file'), 'written\nmore');
});

test('two sessions, and every run of a restart policy, see the same root file system', overlay, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'echo run >>/runs; while [ ! -e /end ]; do sleep 0.1; done; rm /end';
  const policy = ['--restart', 'always', '--network', 'none'];
  await tspod.ok('run', '-d', '--name', 'c', ...policy, 'busybox', 'sh', '-c', script);
  const [one, other] = [openSession(tspod), openSession(tspod)];
  const path = await one.say(`${tspod.program} mount c`);
  assert.equal(await other.say(`${tspod.program} mount c`), path);
  await one.say(`touch ${path}/end`);
  await eventually(async () => (await other.say(`cat ${path}/runs`)) === 'run\nrun', 'the second run');
  await other.end();
  assert.equal(await one.say(`cat ${path}/runs`), 'run\nrun');
  await tspod.ok('stop', '-t', '0', 'c');
  assert.equal((await tspod('start', 'c')).exitCode, 125);
  await one.end();
  await tspod.ok('start', 'c');
});

test('a container whose monitor was killed stays mounted until the session ends', overlay, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'c', ...IDLE);
  const session = openSession(tspod);
  const path = await session.say(`${tspod.program} mount c`);
  await session.say(`echo written >${path}/file`);
  process.kill(Number(await tspod.ok('inspect', '--format', '{{.State.ConmonPid}}', 'c')), 'SIGKILL');
  const status = () => tspod.ok('ps', '-a', '--format', '{{.Status}}');
  await eventually(async () => !(await status()).startsWith('Up'), 'the end of the container');
  assert.equal(await session.say(`cat ${path}/file`), 'written');
  assert.equal((await tspod('start', 'c')).exitCode, 125);
  assert.equal(await session.say(`${tspod.program} unmount c`), 'c');
  await tspod.ok('start', 'c');
  assert.equal(await tspod.ok('exec', 'c', 'cat', '/file'), 'written');
  await session.end();
});

test(
  'a container of fuse-overlayfs is not mounted while it runs, with the reason',
  { skip: missing('fuse', 'subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    await tspod.ok('--storage-driver', 'fuse-overlayfs', 'run', '-d', '--name', 'c', ...IDLE);
    const { stderr, exitCode } = await tspod('unshare', tspod.program, 'mount', 'c');
    assert.match(
      stderr,
      /^Error: cannot mount the container "c": it runs, and its driver, fuse-overlayfs, shows its files to no other/,
    );
    assert.equal(exitCode, 125);
    await tspod.ok('exec', 'c', 'sh', '-c', 'echo written >/file');
    await tspod.ok('stop', '-t', '0', 'c');
    const script = `cat $(${tspod.program} mount c)/file`;
    assert.equal(await tspod.ok('unshare', 'sh', '-c', script), 'written');
  },
);

test('a container that is paused is mounted', { skip: missing('systemd', 'overlay', 'subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'c', ...IDLE);
  await tspod.ok('pause', 'c');
  const session = openSession(tspod);
  await session.say(`echo written >$(${tspod.program} mount c)/file; ${tspod.program} unmount c`);
  await session.end();
  await tspod.ok('unpause', 'c');
  assert.equal(await tspod.ok('exec', 'c', 'cat', '/file'), 'written');
});

for (const { driver, skip } of [
  { driver: 'overlay', skip: overlay.skip },
  { driver: 'fuse-overlayfs', skip: missing('fuse', 'subuid') },
]) {
  test(`${driver}: what a session has bound elsewhere keeps a container from being started`, { skip }, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const elsewhere = join(tspod.folder, 'elsewhere');
    mkdirSync(elsewhere);
    await tspod.ok('--storage-driver', driver, 'create', '--name', 'c', ...IDLE);
    const session = openSession(tspod);
    if (driver === 'overlay') await tspod.ok('start', 'c');
    const path = await session.say(`${tspod.program} mount c`);
    assert.match(path, /\/mounted$/);
    assert.equal(await session.say(`mount --bind ${path}/etc ${elsewhere} 2>&1; ${tspod.program} unmount c 2>&1`), 'c');
    if (driver === 'overlay') await tspod.ok('stop', '-t', '0', 'c');
    for (const words of [
      ['start', 'c'],
      ['cp', 'c:/etc/passwd', '-'],
      ['unshare', tspod.program, 'mount', 'c'],
    ]) {
      const { stderr, exitCode } = await tspod(...words);
      assert.match(
        stderr,
        new RegExp(`: its root file system is mounted on "${elsewhere}", where the process \\d+ is\n`),
      );
      assert.equal(exitCode, 125);
    }
    await session.say(`umount ${elsewhere}`);
    await tspod.ok('start', 'c');
    await session.end();
  });
}

test('who uses a mount that unmount --force takes away can only read it', overlay, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'c', ...IDLE);
  const session = openSession(tspod);
  const path = await session.say(`${tspod.program} mount c`);
  await session.say(`cd ${path}; exec 3>open`);
  const busy = /^Error: cannot unmount the container "c": device or resource busy/;
  assert.match(await session.say(`${tspod.program} unmount c 2>&1`), busy);
  assert.match(await session.say(`${tspod.program} unmount --force c 2>&1`), busy);
  assert.equal(await session.say(`exec 3>&-; ${tspod.program} unmount --force c; ${tspod.program} mount`), 'c');
  assert.match(await session.say('ls open; touch more 2>&1'), /^open\ntouch: .*Read-only file system$/);
  assert.equal(await tspod.ok('exec', 'c', 'ls', '/open'), '/open');
  await session.end();
});

/** A `tspod unshare` with a shell that is told one line after another. */
function openSession(tspod: Tspod) {
  const shell = tspod.start('unshare', 'sh');
  const lines = createInterface(shell.stdout)[Symbol.asyncIterator]();
  /** @returns what the command prints on its standard output */
  const say = async (command: string): Promise<string> => {
    shell.stdin.write(`${command}\necho 'that is all'\n`);
    const said: string[] = [];
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true || value === 'that is all') return said.join('\n');
      said.push(value);
    }
  };
  const end = async () => {
    shell.stdin.end();
    await once(shell, 'close');
  };
  return { say, end };
}
