/** What `volume create --opt` makes: volumes with an owner, directories of the host, file systems in memory. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { busyboxRoot } from '../support/busybox.ts';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

/** An image with something at /site, and a directory of the host. */
async function withSite(t: TestContext) {
  const tspod = await tspodWithBusybox(t);
  const site = [
    { path: 'site/', type: 'directory', mode: 0o750 },
    { path: 'site/index.html', content: 'hello\n' },
  ] as const;
  await tspod.load({ layers: [[...busyboxRoot(), ...site]] }, 'localhost/site:latest');
  const share = join(tspod.folder, 'share');
  mkdirSync(share);
  const create = async (name: string, ...options: string[]) =>
    await tspod.ok('volume', 'create', ...options.flatMap((option) => ['-o', option]), name);
  return { tspod, share, create, bind: ['type=none', 'o=bind', `device=${share}`] };
}

test('o=uid=,gid= gives a volume an owner for good', { skip: missing('subuid') }, async (t) => {
  const { tspod, create } = await withSite(t);
  const look = (...words: string[]) =>
    tspod.ok(...run, '-v', 'v:/site', ...words, 'stat', '-c', '%u:%g %a', '/site', '/site/index.html');
  await create('v', 'o=uid=1000,gid=5');
  const format = '{{.UID}} {{.GID}} {{.NeedsChown}} {{json .Options}}';
  assert.equal(
    await tspod.ok('volume', 'inspect', '--format', format, 'v'),
    '1000 5 false {"GID":"5","UID":"1000","o":"uid=1000,gid=5"}',
  );
  assert.equal(await look('localhost/site'), '1000:5 755\n0:0 644');
  assert.equal(await look('--user', '7', 'localhost/site'), '1000:5 755\n0:0 644');
});

test(
  '--uid and --gid give a volume an owner for good, and are no options of it',
  { skip: missing('subuid') },
  async (t) => {
    const { tspod, create, bind } = await withSite(t);
    const look = (name: string) =>
      tspod.ok(...run, '--user', '7', '-v', `${name}:/site`, 'localhost/site', 'stat', '-c', '%u:%g', '/site');
    const format = '{{.UID}} {{.GID}} {{.NeedsChown}} {{json .Options}}';
    await tspod.ok('volume', 'create', '--uid', '1000', '--gid', '5', 'both');
    assert.equal(await tspod.ok('volume', 'inspect', '--format', format, 'both'), '1000 5 false {}');
    assert.equal(await look('both'), '1000:5');
    await tspod.ok('volume', 'create', '-o', 'o=uid=3,gid=4', '--uid', '1000', 'one');
    assert.equal(await look('one'), '1000:4');
    await create('unowned');
    assert.notEqual(await look('unowned'), '1000:5');
    for (const options of [bind, ['type=tmpfs']]) {
      const words = options.flatMap((option) => ['-o', option]);
      const { exitCode, stderr } = await tspod('volume', 'create', ...words, '--uid', '5', 'v');
      assert.equal(exitCode, 125);
      assert.match(stderr, /^Error: --uid and --gid are for volumes with a directory of their own\n {2}Give /);
    }
  },
);

test(
  'a volume whose making was killed before it had its owner gets it with its first container',
  { skip: missing('subuid') },
  async (t) => {
    const { tspod, create } = await withSite(t);
    await create('v');
    const config = join(tspod.store, 'volumes/v/config.json');
    const text = readFileSync(config, 'utf8').replace(
      '"labels"',
      '"options": { "o": "uid=5", "UID": "5" },\n  "labels"',
    );
    writeFileSync(config, text);
    assert.equal(await tspod.ok(...run, '-u', '7', '-v', 'v:/v', 'busybox', 'stat', '-c', '%u:%g', '/v'), '5:0');
  },
);

test(
  "an owner that is not the caller's to give is refused, and no volume is made",
  { skip: missing('subuid') },
  async (t) => {
    const { tspod } = await withSite(t);
    const { exitCode, stderr } = await tspod('volume', 'create', '-o', 'o=uid=4000000000', 'v');
    assert.equal(exitCode, 125);
    assert.match(stderr, /cannot give a volume to the user 4000000000: the id is not mapped/);
    assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), []);
  },
);

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

test('nocopy leaves a volume empty, unless a container asks for a copy', async (t) => {
  const { tspod, share, create, bind } = await withSite(t);
  await create('dir', ...bind, 'nocopy');
  await create('own', 'nocopy');
  await create('memory', 'type=tmpfs', 'nocopy');
  for (const name of ['dir', 'own', 'memory']) {
    assert.equal(await tspod.ok(...run, '-v', `${name}:/site`, 'localhost/site', 'ls', '/site'), '', name);
  }
  assert.deepEqual(readdirSync(share), []);
  assert.equal(await tspod.ok(...run, '-v', 'own:/site:copy', 'localhost/site', 'ls', '/site'), 'index.html');
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

test('a volume in memory has its options, and is empty again for the next container', async (t) => {
  const { tspod, create } = await withSite(t);
  await create('v', 'type=tmpfs', 'device=tmpfs', 'o=size=2M,noexec,mode=700');
  const [mount, image] = [['-v', 'v:/site'], 'localhost/site'];
  const look = ['sh', '-c', 'ls /site; grep " /site " /proc/mounts; stat -c %a /site; echo > /site/new'];
  for (const time of ['first', 'second']) {
    const [files, line = '', mode] = (await tspod.ok(...run, ...mount, image, ...look)).split('\n');
    assert.deepEqual([files, mode], ['index.html', '700'], time);
    for (const word of ['tmpfs', 'nosuid', 'nodev', 'noexec', 'size=2048k']) assert.ok(line.includes(word), line);
  }
  const full = await tspod(...run, ...mount, image, 'dd', 'if=/dev/zero', 'of=/site/big', 'bs=1M', 'count=3');
  assert.match(full.stderr, /No space left/);
  assert.match((await tspod(...run, '-v', 'v:/site:ro', image, 'touch', '/site/x')).stderr, /Read-only file system/);
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', ...mount, 'busybox', 'sleep', '1000');
  assert.equal(await tspod.ok('volume', 'inspect', '--format', '{{.MountCount}}', 'v'), '1');
  for (const words of [
    ['export', '-o', 'v.tar', 'v'],
    ['import', 'v', 'v.tar'],
  ]) {
    const { exitCode, stderr } = await tspod('volume', ...words);
    assert.equal(exitCode, 125);
    assert.match(stderr, /the volume "v": it is a file system in memory, which its containers have while they run/);
  }
  await tspod.ok('rm', '--force', '--time', '0', 'c');
  await eventually(async () => (await tspod.ok('volume', 'rm', 'v')) === 'v', 'the volume goes');
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

test('a volume whose options cannot be read is not mounted as another one', async (t) => {
  const { tspod, create, bind } = await withSite(t);
  await create('v', ...bind);
  await tspod.ok('create', '--name', 'c', '-v', 'v:/v', 'busybox', 'true');
  writeFileSync(join(tspod.store, 'volumes/v/config.json'), '{');
  const { exitCode, stderr } = await tspod('start', 'c');
  assert.equal(exitCode, 125);
  assert.match(stderr, /the state file ".*\/volumes\/v\/config.json" is damaged/);
  assert.equal(await tspod.ok('inspect', '--format', '{{range .Mounts}}{{.Name}}{{end}}', 'c'), 'v');
  assert.equal(await tspod.ok('rm', 'c'), 'c');
});

test('volumes are listed by their options', async (t) => {
  const { tspod, create, bind } = await withSite(t);
  await create('plain');
  await create('dir', ...bind);
  await create('memory', 'type=tmpfs');
  const list = (filter: string) => tspod.ok('volume', 'ls', '--quiet', '--filter', filter);
  assert.equal(await list('opt=type'), 'dir\nmemory');
  assert.equal(await list('opt=type=tmpfs'), 'memory');
  assert.equal(await list('opt=bogus'), '');
});

test('what only root could mount is refused in a sentence, and nothing is made', async (t) => {
  const { tspod } = await withSite(t);
  for (const [options, sentence] of [
    [['type=nfs', 'device=host:/data', 'o=addr=10.0.0.1'], /"type=nfs": only root mounts such a file system/],
    [['type=cifs', 'device=//host/data'], /"type=cifs": only root/],
    [['type=overlay', 'device=overlay'], /"type=overlay": only root/],
    [['o=size=64m'], /"o=size=64m": a limit takes project quotas, which are for root to set/],
  ] as const) {
    const { exitCode, stderr } = await tspod('volume', 'create', ...options.flatMap((option) => ['-o', option]), 'v');
    assert.equal(exitCode, 125);
    assert.match(stderr, sentence);
  }
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), '');
});
