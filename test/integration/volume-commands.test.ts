import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

test('volumes are made, listed, shown and removed', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  assert.equal(await tspod.ok('volume', 'ls'), '');
  assert.equal(await tspod.ok('volume', 'create', '--label', 'tier=db', 'data'), 'data');
  const random = await tspod.ok('volume', 'create');
  assert.match(random, /^[0-9a-f]{64}$/);
  assert.equal(
    await tspod.ok('volume', 'ls', '--filter', 'label=tier=db'),
    'DRIVER      VOLUME NAME\nlocal       data',
  );
  assert.equal(await tspod.ok('volume', 'ls', '--quiet', '--filter', 'name=^dat'), 'data');
  const [shown] = JSON.parse(await tspod.ok('volume', 'inspect', 'dat')) as [Record<string, unknown>];
  assert.deepEqual(
    [shown['Name'], shown['Driver'], shown['Labels'], shown['Mountpoint']],
    ['data', 'local', { tier: 'db' }, join(tspod.store, 'volumes/data/_data')],
  );
  assert.equal((await tspod('volume', 'exists', 'data')).exitCode, 0);
  assert.equal((await tspod('volume', 'exists', 'dat')).exitCode, 1);
  assert.equal(await tspod.ok('volume', 'rm', '--all'), [random, 'data'].sort().join('\n'));
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), '');
});

test('volumes are closed to other users, whatever the umask, and open to those inside', async (t) => {
  for (const umask of ['000', '077']) {
    const tspod = await tspodWithEmptyStore(t);
    const store = join(tspod.folder, 'new/store');
    execFileSync('sh', ['-c', `umask ${umask}; "$0" --root ${store} volume create data`, tspod.program], {
      env: tspod.env,
    });
    const mode = (path: string) => (statSync(join(store, path)).mode & 0o777).toString(8);
    assert.deepEqual(['', 'volumes', 'volumes/data', 'volumes/data/_data'].map(mode), ['700', '700', '700', '755']);
  }
});

test('what is wrong with a volume is said', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('volume', 'create', 'data');
  for (const [words, exitCode, message] of [
    [['create', 'data'], 125, /volume with name data already exists/],
    [['create', 'a b'], 125, /"a b" is not a name for a volume/],
    [['create', 'a'.repeat(256)], 125, /"a{256}" is not a name for a volume/],
    [['create', '--driver', 'nfs', 'x'], 125, /"nfs" is not a driver/],
    [['create', '--opt', 'type=nfs', 'x'], 125, /"type=nfs": only root mounts such a file system/],
    [['rm', 'nobody'], 1, /no volume with name "nobody" found: no such volume/],
    [['rm'], 125, /volumes are named, or --all/],
    [['inspect', 'nobody'], 125, /no volume with name "nobody"/],
    [['import', 'data', '/no/such'], 125, /cannot import "\/no\/such" into the volume "data"/],
    [['ls', '--filter', 'x=y'], 125, /"x" is not something to filter by/],
  ] as const) {
    const result = await tspod('volume', ...words);
    assert.match(result.stderr, message);
    assert.equal(result.exitCode, exitCode, words.join(' '));
  }
  assert.equal(await tspod.ok('volume', 'create', '--ignore', 'data'), 'data');
  assert.equal(await tspod.ok('volume', 'rm', '--force', 'nobody'), '');
});

test('a volume that a container has is removed with it alone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--network', 'none', '-v', 'data:/data', 'busybox', 'sleep', '1000');
  const { stderr, exitCode } = await tspod('volume', 'rm', 'data');
  assert.match(stderr, /volume data is being used by the following container\(s\): [0-9a-f]{64}/);
  assert.equal(exitCode, 2);
  await tspod.ok('volume', 'create', 'idle');
  assert.equal(await tspod.ok('volume', 'prune', '--force'), 'idle');
  assert.equal(await tspod.ok('volume', 'rm', '--force', '--time', '0', 'data'), 'data');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('the content of a volume is exported and imported with its owners', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'echo x >/data/file; chown 5:6 /data/file';
  await tspod.ok('run', '--rm', '--network', 'none', '-v', 'one:/data', 'busybox', 'sh', '-c', script);
  const file = join(tspod.folder, 'one.tar');
  await tspod.ok('volume', 'export', '--output', file, 'one');
  assert.match(execFileSync('tar', ['-tv', '--numeric-owner', '-f', file]).toString(), / 5\/6 .* file\n/);
  await tspod.ok('volume', 'create', 'two');
  await tspod.ok('volume', 'import', 'two', file);
  const look = ['run', '--rm', '--network', 'none', '-v', 'two:/data', 'busybox', 'stat', '-c', '%u:%g', '/data/file'];
  assert.equal(await tspod.ok(...look), '5:6');
  assert.match((await tspod.withInput('x'.repeat(2000), 'volume', 'import', 'two')).stderr, /archive is malformed/);
  assert.equal((await tspod('volume', 'export', '--output', join(tspod.folder, 'no/file'), 'one')).exitCode, 125);
  assert.ok(!existsSync(join(tspod.folder, 'no')));
});

test('an anonymous volume is borrowed to several places at once', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'lender', '--network', 'none', '-v', '/v', 'busybox', 'true');
  const name = await tspod.ok('inspect', '--format', '{{(index .Mounts 0).Name}}', 'lender');
  const show = ['busybox', 'sh', '-c', 'echo seen >/x/f; cat /y/f'];
  const run = ['run', '--rm', '--network', 'none'];
  assert.equal(await tspod.ok(...run, '-v', `${name}:/x`, '-v', `${name}:/y`, ...show), 'seen');
  assert.equal(
    await tspod.ok(...run, '--volumes-from', 'lender', '-v', `${name}:/y`, 'busybox', 'cat', '/y/f', '/v/f'),
    'seen\nseen',
  );
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), name);
});

test('an anonymous volume stays as long as another container has borrowed it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const run = ['run', '-d', '--network', 'none', '--stop-timeout', '0'];
  for (const remove of [[], ['--rm']]) {
    await tspod.ok(
      ...run,
      ...remove,
      '--name',
      'lender',
      '-v',
      '/v',
      'busybox',
      'sh',
      '-c',
      'echo kept >/v/f; exec sleep 1000',
    );
    await tspod.ok(...run, '--name', 'borrower', '--volumes-from', 'lender', 'busybox', 'sleep', '1000');
    await tspod.ok('rm', '--force', '--volumes', 'lender');
    assert.equal(await tspod.ok('exec', 'borrower', 'cat', '/v/f'), 'kept');
    await tspod.ok('rm', '--force', '--volumes', 'borrower');
    assert.match(await tspod.ok('volume', 'prune', '--force'), /^[0-9a-f]{64}$/);
  }
  await tspod.ok(...run, '--rm', '--name', 'lender', '-v', '/v', 'busybox', 'sleep', '1000');
  await tspod.ok('run', '--rm', '--network', 'none', '--volumes-from', 'lender', 'busybox', 'true');
  await tspod.ok('stop', 'lender');
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), '');
});

test('a removal that was killed does not hinder the next one', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const volumes = join(tspod.store, 'volumes');
  for (const garbage of ['.removing-data', '.removing-0123456789abcdef']) {
    mkdirSync(join(volumes, garbage, '_data/x'), { recursive: true });
  }
  await tspod.ok('volume', 'create', 'data');
  assert.equal(await tspod.ok('volume', 'rm', 'data'), 'data');
  assert.deepEqual(readdirSync(volumes), []);
});

test('a volume that another process is making or removing is left to it while it lives', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const volumes = join(tspod.store, 'volumes');
  const owner = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] });
  const stat = readFileSync(`/proc/${String(owner.pid)}/stat`, 'latin1');
  const inHand = ['.creating', '.removing'].map(
    (what) => `${what}-0123456789abcdef-${String(owner.pid)}-${stat.split(' ')[21] ?? ''}`,
  );
  for (const name of inHand) mkdirSync(join(volumes, name, '_data/x'), { recursive: true });
  await tspod.ok('volume', 'create', 'data');
  assert.equal(await tspod.ok('volume', 'prune', '--force'), 'data');
  assert.deepEqual(readdirSync(volumes).sort(), inHand);
  assert.ok(inHand.every((name) => existsSync(join(volumes, name, '_data/x'))));
  owner.stdin.end();
  await once(owner, 'close');
  await tspod.ok('volume', 'prune', '--force');
  assert.deepEqual(readdirSync(volumes), []);
});

test('a container whose anonymous volume is lost can be removed', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '-v', '/v', 'busybox', 'true');
  rmSync(join(tspod.store, 'volumes', await tspod.ok('volume', 'ls', '--quiet')), { recursive: true });
  assert.equal(await tspod.ok('rm', '--volumes', 'c'), 'c');
});

test('volume mount prints where a volume is, in unshare alone', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('volume', 'create', 'data');
  const outside = await tspod('volume', 'mount', 'data');
  assert.equal(outside.exitCode, 125);
  assert.match(outside.stderr, /"tspod volume mount" in rootless mode, must execute "tspod unshare" first/);
  const inside = (...words: string[]) => tspod('unshare', tspod.program, 'volume', ...words);
  assert.equal((await inside('mount', 'data')).stdout, join(tspod.store, 'volumes/data/_data'));
  const both = await inside('mount', 'nobody', 'data');
  assert.equal(both.stdout, join(tspod.store, 'volumes/data/_data'));
  assert.match(both.stderr, /no volume with name "nobody" found/);
  assert.equal((await inside('unmount', 'data')).stdout, 'data');
  assert.equal(await tspod.ok('volume', 'umount', 'dat'), 'data');
  assert.equal(await tspod.ok('volume', 'reload'), '');
});
