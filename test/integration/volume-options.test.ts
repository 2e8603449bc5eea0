/** What `volume create --opt` takes besides owners and directories: file systems in memory, nocopy, and what is refused. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually } from '../support/tspod.ts';
import { withSite } from '../support/volume-site.ts';

const run = ['run', '--rm', '--network', 'none'];

test(
  '--mount volume-opt makes a volume with options, and leaves one that is there as it is',
  { skip: missing('subuid') },
  async (t) => {
    const { tspod, share } = await withSite(t);
    const look = (...pairs: string[]) =>
      tspod.ok(...run, '--mount', `type=volume,dst=/v,${pairs.join(',')}`, 'busybox', 'stat', '-c', '%u:%g', '/v');
    const owner = ['"volume-opt=o=uid=5,gid=6"', 'volume-opt=nocopy'];
    assert.equal(await look('src=v', ...owner), '5:6');
    assert.equal(
      await tspod.ok('volume', 'inspect', '--format', '{{json .Options}}', 'v'),
      '{"GID":"6","UID":"5","nocopy":"","o":"uid=5,gid=6"}',
    );
    assert.equal(await look('src=v', 'volume-opt=o=uid=7'), '5:6');
    assert.equal(await look(...owner), '5:6');
    const memory = ['--mount', 'type=volume,target=/m,volume-opt=type=tmpfs,volume-opt=o=size=2M'];
    const table = await tspod.ok(...run, ...memory, 'busybox', 'grep', ' /m ', '/proc/mounts');
    assert.match(table, /^tmpfs .*size=2048k/);
    const bind = `src=dir,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=${share}`;
    await tspod.ok(...run, '--mount', `dst=/d,${bind}`, 'busybox', 'touch', '/d/x');
    assert.deepEqual(readdirSync(share), ['x']);
    assert.deepEqual((await tspod.ok('volume', 'ls', '--quiet')).split('\n'), ['dir', 'v']);
  },
);

test(
  "an owner of --mount volume-opt that is not the caller's to give is refused, and nothing is made",
  { skip: missing('subuid') },
  async (t) => {
    const { tspod } = await withSite(t);
    for (const source of ['src=v,', '']) {
      const mount = `${source}dst=/v,volume-opt=o=uid=4000000000`;
      const { exitCode, stderr } = await tspod('create', '--mount', mount, 'busybox');
      assert.equal(exitCode, 125);
      assert.match(stderr, /cannot give a volume to the user 4000000000: the id is not mapped/);
    }
    const only = await tspod('create', '--mount', 'src=v,dst=/v,volume-opt=type=nfs', 'busybox');
    assert.match(only.stderr, /a volume cannot have the option "type=nfs": only root mounts such a file system/);
    assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), []);
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  },
);

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
