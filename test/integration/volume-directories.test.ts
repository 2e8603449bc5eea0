/** Volumes that are directories of the host: `type=none`, `o=bind`, `device=`. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { withSite } from '../support/volume-site.ts';

const run = ['run', '--rm', '--network', 'none'];

test('a volume can be a directory of the host, which containers share and no removal touches', async (t) => {
  const { tspod, share, create, bind } = await withSite(t);
  writeFileSync(join(share, 'file'), 'host\n');
  await create('v', ...bind);
  assert.deepEqual(JSON.parse(await tspod.ok('volume', 'inspect', '--format', '{{json .Options}}', 'v')), {
    device: share,
    o: 'bind',
    type: 'none',
  });
  const mount = ['--mount', 'type=volume,source=v,target=/site'];
  const command = [
    'sh',
    '-c',
    'ls /site; cat /site/file; echo box > /site/new; grep -o " /site .*nosuid,nodev" /proc/mounts | wc -l',
  ];
  // What is in it hides what the image has.
  assert.equal(await tspod.ok(...run, ...mount, 'localhost/site', ...command), 'file\nhost\n1');
  assert.equal(readFileSync(join(share, 'new'), 'utf8'), 'box\n');
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', '-v', 'v:/v:ro', 'busybox', 'sleep', '1000');
  const counted = ['volume', 'inspect', '--format', '{{.Mountpoint}} {{.MountCount}}', 'v'];
  assert.equal(await tspod.ok(...counted), `${share} 1`);
  assert.equal(
    await tspod.ok('inspect', '--format', '{{range .Mounts}}{{.Type}} {{.Name}} {{.Source}}{{end}}', 'c'),
    `volume v ${share}`,
  );
  const borrowed = await tspod(...run, '--volumes-from', 'c', 'busybox', 'touch', '/v/x');
  assert.match(borrowed.stderr, /Read-only file system/);
  assert.equal((await tspod('volume', 'rm', 'v')).exitCode, 2);
  await tspod.ok('rm', '--force', '--time', '0', '--volumes', 'c');
  assert.equal(await tspod.ok(...counted), `${share} 0`);
  assert.match(await tspod.ok('system', 'df', '--verbose'), /^v +0 +0B$/m);
  assert.equal(await tspod.ok('volume', 'rm', 'v'), 'v');
  await create('w', ...bind);
  assert.equal(await tspod.ok('volume', 'prune', '--force'), 'w');
  assert.deepEqual(readdirSync(share), ['file', 'new']);
  assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), []);
});

test('an empty directory of the host is filled from the image once, and keeps nothing of tspod', async (t) => {
  const { tspod, share, create, bind } = await withSite(t);
  await create('v', ...bind);
  const look = ['-v', 'v:/site', 'localhost/site', 'sh', '-c', 'cat /site/index.html; echo changed > /site/index.html'];
  assert.equal(await tspod.ok(...run, ...look), 'hello');
  assert.equal(await tspod.ok(...run, ...look), 'changed');
  assert.deepEqual([readdirSync(share), (statSync(share).mode & 0o777).toString(8)], [['index.html'], '750']);
  assert.deepEqual(
    readdirSync(tspod.folder).filter((name) => name === 'filling'),
    [],
  );
});

test('a volume whose directory is missing is made, and told at the start; with type=bind it is refused', async (t) => {
  const { tspod, share, create, bind } = await withSite(t);
  rmSync(share, { recursive: true });
  const early = await tspod('volume', 'create', '-o', 'type=bind', '-o', `device=${share}`, 'early');
  assert.equal(early.exitCode, 125);
  assert.match(early.stderr, /cannot make the volume: ".*share" on this machine does not exist/);
  await create('v', ...bind);
  const failed = await tspod('run', '--network', 'none', '-v', 'v:/data', 'busybox', 'true');
  assert.equal(failed.exitCode, 125);
  assert.match(
    failed.stderr,
    /^Error: cannot mount the volume "v" on "\/data": ".*share" .* does not exist\n +try: mkdir -p \/.*share\n?$/,
  );
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  assert.match((await tspod('volume', 'export', '-o', 'x.tar', 'v')).stderr, /cannot export the volume "v": ".*share"/);
  await tspod.ok('create', '--name', 'c', '-v', 'v:/data', 'busybox', 'true');
  assert.equal((await tspod('start', 'c')).exitCode, 125);
  writeFileSync(share, '');
  assert.match((await tspod('start', 'c')).stderr, /"v" on "\/data": ".*share" on this machine is no directory/);
  rmSync(share);
  mkdirSync(share);
  await tspod.ok('start', '--attach', 'c');
  assert.ok(existsSync(share));
});

test('export, import and cp work on the directory of the host that a volume is', async (t) => {
  const { tspod, share, create, bind } = await withSite(t);
  writeFileSync(join(share, 'file'), 'host\n');
  await create('v', ...bind);
  const archive = join(tspod.folder, 'v.tar');
  await tspod.ok('volume', 'export', '--output', archive, 'v');
  assert.equal(execFileSync('tar', ['-tf', archive], { encoding: 'utf8' }).trim(), 'file');
  rmSync(join(share, 'file'));
  await tspod.ok('volume', 'import', 'v', archive);
  assert.equal(readFileSync(join(share, 'file'), 'utf8'), 'host\n');
  await tspod.ok('create', '--name', 'c', '-v', 'v:/data', 'busybox', 'true');
  await tspod.ok('cp', archive, 'c:/data/copy');
  assert.deepEqual(readdirSync(share).sort(), ['copy', 'file']);
  await tspod.ok('cp', 'c:/data/file', join(tspod.folder, 'back'));
  assert.equal(readFileSync(join(tspod.folder, 'back'), 'utf8'), 'host\n');
});

test(
  'volume mount prints the directory of the host, and refuses what is in memory',
  { skip: missing('subuid') },
  async (t) => {
    const { tspod, share, create, bind } = await withSite(t);
    await create('dir', ...bind);
    await create('memory', 'type=tmpfs');
    const { stdout, stderr, exitCode } = await tspod('unshare', tspod.program, 'volume', 'mount', 'memory', 'dir');
    assert.deepEqual([stdout, exitCode], [share, 125]);
    assert.match(stderr, /cannot mount the volume "memory": it is a file system in memory/);
  },
);
