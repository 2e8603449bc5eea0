import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { busyboxPath } from '../support/busybox.ts';
import { busyboxImage, type TestImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];
const { uid, gid } = userInfo();
const map = (text: string) => text.split('\n').map((line) => line.trim().split(/\s+/).map(Number));

test(
  'root in the container is the user outside, the others are subordinate ids',
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const [first, second] = map(await tspod.ok(...run, 'busybox', 'cat', '/proc/self/uid_map'));
    assert.deepEqual(first, [0, uid, 1]);
    assert.equal(second?.[0], 1);
    assert.ok((second[2] ?? 0) >= 65_536);
    assert.equal(await tspod.ok(...run, 'busybox', 'id', '-u'), '0');
  },
);

test('a file of the container in a bind mount belongs to the user', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const share = join(tspod.folder, 'share');
  mkdirSync(share);
  await tspod.ok(
    ...run,
    '-v',
    `${share}:/share`,
    'busybox',
    'sh',
    '-c',
    'echo x >/share/by-root; touch /share/by-www; chown www /share/by-www',
  );
  assert.deepEqual([statSync(join(share, 'by-root')).uid, statSync(join(share, 'by-root')).gid], [uid, gid]);
  assert.notEqual(statSync(join(share, 'by-www')).uid, uid);
});

test('--userns=keep-id: the user is the same inside and outside', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const share = join(tspod.folder, 'share');
  mkdirSync(share);
  const script = 'id -u; id -g; touch /share/mine; stat -c %u /bin/busybox';
  assert.equal(
    await tspod.ok(...run, '--userns', 'keep-id', '-v', `${share}:/share`, 'busybox', 'sh', '-c', script),
    `${String(uid)}\n${String(gid)}\n0`,
  );
  assert.equal(statSync(join(share, 'mine')).uid, uid);
});

for (const { driver, skip } of [
  { driver: 'overlay', skip: missing('overlay', 'subuid') },
  { driver: 'fuse-overlayfs', skip: missing('fuse', 'subuid') },
  { driver: 'vfs', skip: missing('subuid') },
]) {
  test(`${driver}: capabilities of a file hold in every user namespace`, { skip }, async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    await tspod.load(imageWithCapabilities(), 'localhost/capable:latest');
    const command = ['--user', '500', 'capable', '/opt/grep', 'CapEff', '/proc/self/status'];
    const maps = ['--uidmap', '0:1:2000', '--gidmap', '0:1:2000'];
    for (const userns of [
      [],
      ['--userns', 'keep-id'],
      ['--userns', 'keep-id:uid=300,gid=300'],
      ['--userns', 'auto'],
      maps,
    ]) {
      const shown = await tspod.ok('--storage-driver', driver, ...run, ...userns, ...command);
      assert.equal(shown, 'CapEff:\t0000000000000400', userns.join(' ')); // cap_net_bind_service is bit 10.
    }
    await tspod.ok('rmi', 'capable');
    assert.deepEqual(
      readdirSync(join(tspod.store, 'layers')).filter((name) => name.includes('capable')),
      [],
    );
  });

  test(`${driver}: capabilities of a file hold in what was looked into before its first start`, { skip }, async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    await tspod.load(imageWithCapabilities(), 'localhost/capable:latest');
    const command = ['--user', '500', 'capable', '/opt/grep', 'CapEff', '/proc/self/status'];
    const create = ['--storage-driver', driver, 'create', '--network', 'none', '--userns', 'keep-id'];
    await tspod.ok(...create, '--name', 'c', ...command);
    await tspod.ok('cp', 'c:/etc/passwd', join(tspod.folder, 'passwd'));
    assert.equal(await tspod.ok('start', '--attach', 'c'), 'CapEff:\t0000000000000400');
    await tspod.ok(...create, '--name', 'd', ...command);
    await tspod.ok('unshare', 'sh', '-c', `mv $(${tspod.program} mount d)/opt/grep $(${tspod.program} mount d)/opt/g`);
    await tspod.ok('unshare', 'sh', '-c', `mv $(${tspod.program} mount d)/opt/g $(${tspod.program} mount d)/opt/grep`);
    assert.equal(await tspod.ok('start', '--attach', 'd'), 'CapEff:\t0000000000000400');
  });
}

/** /opt/grep is busybox with cap_net_bind_service, permitted and effective: capabilities(7), version 2. */
function imageWithCapabilities(): TestImage {
  const [base = []] = busyboxImage().layers;
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
  const pax = { 'SCHILY.xattr.security.capability': capability };
  const program = readFileSync(busyboxPath() ?? '');
  return {
    ...busyboxImage(),
    layers: [
      base,
      [
        { path: 'opt/', type: 'directory' },
        { path: 'opt/grep', mode: 0o755, content: program, pax },
      ],
    ],
  };
}

test('--userns=keep-id: the user is in the passwd file and has a home', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(await tspod.ok(...run, '--userns', 'keep-id', 'busybox', 'id', '-un'), userInfo().username);
});

test('--userns=host is the map that a container has by default', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const byDefault = await tspod.ok(...run, 'busybox', 'cat', '/proc/self/uid_map');
  assert.equal(await tspod.ok(...run, '--userns', 'host', 'busybox', 'cat', '/proc/self/uid_map'), byDefault);
});

test(
  "--uidmap and --gidmap choose the ids, and the image still reads as root's",
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const maps = ['--uidmap', '0:1:1000', '--uidmap', '1000:0:1', '--gidmap', '0:1:1000', '--gidmap', '1000:0:1'];
    const script = 'stat -c %u:%g /bin/busybox; id -u; wc -l </proc/self/uid_map';
    assert.equal(await tspod.ok(...run, ...maps, 'busybox', 'sh', '-c', script), '0:0\n0\n2');
  },
);

for (const userns of [
  ['--userns', 'auto'],
  ['--uidmap', '0:1:2000', '--gidmap', '0:1:2000'],
]) {
  test(`${userns.join(' ')}: root inside opens ports below 1024`, { skip: missing('subuid') }, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const script = 'httpd -p 80 -h /etc && wget -qO- http://127.0.0.1/group | head -n 1';
    assert.match(await tspod.ok(...run, ...userns, 'busybox', 'sh', '-c', script), /^root:x:0:/);
  });
}

test('--userns=auto gives each container ids of its own', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const outside = async () => {
    const id = await tspod.ok(
      'run',
      '-d',
      '--network',
      'none',
      '--userns',
      'auto:size=1024',
      'busybox',
      'sleep',
      '1000',
    );
    const pid = await tspod.ok('inspect', '--format', '{{.State.Pid}}', id);
    assert.equal(await tspod.ok('exec', id, 'stat', '-c', '%u', '/bin/busybox'), '0');
    return /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  };
  assert.notEqual(await outside(), await outside());
});

test('--userns=auto maps what it is told to in any case', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const mine = join(tspod.folder, 'mine');
  writeFileSync(mine, 'x');
  const userns = 'auto:size=2000,uidmapping=1000:0:1,gidmapping=1000:0:1';
  const words = [...run, '--userns', userns, '--user', '1000:1000', '-v', `${mine}:/mine`, 'busybox', 'sh', '-c'];
  const script = 'stat -c %u:%g /mine && echo y > /mine && wc -l < /proc/self/uid_map';
  assert.deepEqual((await tspod.ok(...words, script)).split(/\s+/), ['1000:1000', '3']);
});

test(
  'a process of the container cannot read what only others on the host may',
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const secret = join(tspod.folder, 'secret');
    writeFileSync(secret, 'x');
    chmodSync(secret, 0o600);
    const { exitCode } = await tspod(
      ...run,
      '--user',
      '1234',
      '-v',
      `${secret}:/secret:ro`,
      'busybox',
      'cat',
      '/secret',
    );
    assert.equal(exitCode, 1);
  },
);

test(
  'unshare runs a command as root of the user namespace, with the ids of a container',
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    assert.equal(await tspod.ok('unshare', 'id', '-u'), '0');
    assert.equal(
      await tspod.ok('unshare', 'cat', '/proc/self/uid_map'),
      await tspod.ok(...run, 'busybox', 'cat', '/proc/self/uid_map'),
    );
    assert.equal((await tspod('unshare', 'sh', '-c', 'exit 9')).exitCode, 9);
  },
);

test('a user outside the map is refused with the map', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const refused = await tspod(
    'run',
    '--rm',
    '--uidmap',
    '0:1:10',
    '--gidmap',
    '0:1:20',
    '--user',
    '99999',
    'busybox',
    'true',
  );
  assert.match(
    refused.stderr,
    /the user "99999" has an id that is not mapped .* the user ids 0-9 and the group ids 0-19/,
  );
  assert.equal(refused.exitCode, 126);
});

test(
  'keep-id works with --pid host, and its file system ends with the monitor',
  { skip: missing('fuse', 'subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const box = ['--userns', 'keep-id', '--pid', 'host', '--network', 'none', 'busybox', 'sleep', '600'];
    await tspod.ok('run', '-d', '--name', 'box', ...box);
    assert.equal(await tspod.ok('exec', 'box', 'id', '-u'), String(uid));
    process.kill(Number(await tspod.ok('inspect', '--format', '{{.State.ConmonPid}}', 'box')), 'SIGKILL');
    await tspod.ok('rm', '--force', 'box'); // Nothing of it may be left when the test ends.
  },
);
