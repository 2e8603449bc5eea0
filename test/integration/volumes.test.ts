import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxRoot } from '../support/busybox.ts';
import { busyboxImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

test('a named volume keeps its files from one container to the next', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...run, '-v', 'data:/data', 'busybox', 'sh', '-c', 'echo kept >/data/file');
  assert.equal(await tspod.ok(...run, '-v', 'data:/elsewhere', 'busybox', 'cat', '/elsewhere/file'), 'kept');
});

test('--mount type=volume is the volume of that name', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...run, '--mount', 'type=volume,source=v,destination=/v', 'busybox', 'touch', '/v/x');
  assert.equal(await tspod.ok(...run, '-v', 'v:/v', 'busybox', 'ls', '/v'), 'x');
});

test(
  'a new volume is filled with what the image has there, with owner and mode, once',
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const site = [
      { path: 'site/', type: 'directory', uid: 1234, gid: 1234, mode: 0o750 },
      { path: 'site/index.html', content: 'hello\n', uid: 1234, gid: 1234 },
    ] as const;
    await tspod.load({ layers: [[...busyboxRoot(), ...site]] }, 'localhost/site:latest');
    const look = (volume: string) =>
      tspod.ok(
        ...run,
        '-v',
        `${volume}:/site`,
        'localhost/site',
        'sh',
        '-c',
        'stat -c "%a %u" /site; cat /site/index.html; echo changed >/site/index.html',
      );
    assert.equal(await look('v'), '750 1234\nhello');
    assert.equal(await look('v'), '750 1234\nchanged');
    assert.equal(await look('other'), '750 1234\nhello');
  },
);

test('an anonymous volume goes with its container', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...run, '-v', '/data', 'busybox', 'touch', '/data/x');
  const volumes = join(tspod.store, 'volumes');
  assert.deepEqual(existsSync(volumes) ? readdirSync(volumes) : [], []);
});

test(
  "a new volume is the first container's user's, whatever its user namespace",
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const show = ['busybox', 'sh', '-c', 'touch /new/file && stat -c %u:%g /new'];
    assert.equal(await tspod.ok(...run, '-v', 'a:/new', '--user', '33:44', ...show), '33:44');
    assert.equal(await tspod.ok(...run, '-v', 'a:/new', ...show), '33:44'); // It is not new any more.
    assert.equal(await tspod.ok(...run, '-v', 'b:/new', '--userns', 'auto', ...show), '0:0');
    assert.equal(await tspod.ok(...run, '-v', 'c:/new', '--uidmap', '0:1:2000', '--user', 'www', ...show), '1234:1234');
    assert.equal(await tspod.ok(...run, '-v', 'd:/new', '--userns', 'keep-id', ...show), ownIds());
    assert.equal(
      await tspod.ok(...run, '-v', 'e:/tmp', '--user', 'www', 'busybox', 'stat', '-c', '%u:%g', '/tmp'),
      '0:0',
    ); // The image's.
  },
);

function ownIds(): string {
  const { uid, gid } = userInfo();
  return `${String(uid)}:${String(gid)}`;
}

test('volume rm against create: the volume is there for the container, or was made anew', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (let round = 0; round < 8; round++) {
    await tspod.ok('volume', 'create', 'data');
    const [created, removed] = await Promise.all([
      tspod('create', '--name', 'c', '--network', 'none', '-v', 'data:/data', 'busybox', 'touch', '/data/file'),
      tspod('volume', 'rm', 'data'),
    ]);
    assert.equal(created.exitCode, 0, created.stderr);
    assert.match(removed.stderr, /^$|^Error: volume data is being used/);
    await tspod.ok('start', '--attach', 'c');
    assert.equal(await tspod.ok('volume', 'ls', '--quiet'), 'data');
    await tspod.ok('rm', 'c');
    await tspod.ok('volume', 'rm', 'data');
  }
});

test('of a passwd file without an end the beginning is read', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const image = busyboxImage();
  const line = 'www:x:1234:1234::/:/bin/sh\n';
  const size = String(3 * 2 ** 30);
  const passwd = {
    path: 'etc/passwd',
    content: line,
    pax: { 'GNU.sparse.size': size, 'GNU.sparse.map': `0,${String(line.length)}` },
  };
  await tspod.load({ ...image, layers: [...image.layers, [passwd]] }, 'localhost/endless');
  const run = ['run', '--rm', '--network', 'none', '--user', 'www', '-v', 'data:/data', 'localhost/endless'];
  assert.equal(await tspod.ok(...run, 'stat', '-c', '%u', '/data'), '1234');
});

test("a volume on /etc is filled from the image, and name resolution is the container's own", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const run = ['run', '--rm', '--network', 'none', '--hostname', 'web', '--add-host', 'db:10.0.2.2', '-v', 'etc:/etc'];
  const script = 'cat /etc/hostname; grep db /etc/hosts; grep ^www /etc/passwd; touch /etc/made';
  assert.match(await tspod.ok(...run, 'busybox', 'sh', '-c', script), /^web\n10.0.2.2\tdb\nwww:/);
  assert.equal(await tspod.ok(...run, 'busybox', 'ls', '/etc/made'), '/etc/made');
  const readOnly = [...run.slice(0, -1), 'etc:/etc:ro'];
  assert.equal(await tspod.ok(...readOnly, 'busybox', 'ls', '/etc/made'), '/etc/made');
});
