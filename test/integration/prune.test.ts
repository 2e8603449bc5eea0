import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdLock } from '../support/held-lock.ts';
import { busyboxImage } from '../support/images.ts';
import { stopReaders } from '../support/stopped-readers.ts';
import { eventually, finish, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('container prune asks, and removes what does not run', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'up', 'busybox', 'sleep', '1000');
  const created = await tspod.ok('create', '--name', 'down', 'busybox');
  const no = await tspod.withInput('n\n', 'container', 'prune');
  assert.deepEqual([no.stdout, no.exitCode], ['', 0]);
  assert.match(no.stderr, /^WARNING! This will remove all stopped containers\.\nAre you sure/);
  assert.equal((await tspod('container', 'prune')).stdout, '', 'no answer is no');
  assert.equal((await tspod.withInput('y\n', 'container', 'prune')).stdout, created);
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'up');
});

test('container prune takes the filters label and until, and no others', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const name of ['a', 'b']) await tspod.ok('create', '--name', name, '--label', `n=${name}`, 'busybox');
  const prune = ['container', 'prune', '--force', '--filter'];
  assert.equal(await tspod.ok(...prune, 'until=1h'), '');
  await tspod.ok(...prune, 'label!=n=b');
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'b');
  const { exitCode, stderr } = await tspod(...prune, 'name=b');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"name" is not something to filter by\n.*label, label!, until/);
});

test('system prune removes containers, with --all images and with --volumes volumes', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'up', '-v', 'used:/data', 'busybox', 'sleep', '1000');
  const down = await tspod.ok('run', '-d', '--network', 'none', '-v', 'idle:/data', 'busybox', 'touch', '/data/file');
  await tspod.ok('wait', down);
  assert.match(
    await tspod.ok('system', 'prune', '--force'),
    new RegExp(`^Deleted Containers\n${down}\nTotal reclaimed space: \\d+B$`),
  );
  assert.match(await tspod.ok('system', 'prune', '--force', '--volumes'), /^Deleted Volumes\nidle\nTotal/);
  assert.ok(existsSync(join(tspod.store, 'volumes/used/_data')));
  await tspod.ok('rm', '--force', '--time', '0', 'up');
  assert.match(await tspod.ok('system', 'prune', '--force', '--all'), /^Deleted Images\n[0-9a-f]{64}/m);
  assert.equal(await tspod.ok('images', '--quiet'), '');
});

test('image prune --all leaves an image that is used meanwhile, and its containers', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(busyboxImage({ Cmd: ['top'] }), 'localhost/second:latest');
  await tspod.ok('tag', 'second', 'localhost/third');
  const lock = await holdLock(join(tspod.store, 'blobs'));
  const prune = tspod.start('image', 'prune', '--all', '--force');
  const end = finish(prune);
  await lock.untilReachedBy(prune); // To remove the first image.
  await tspod.ok(...detached, '--name', 'c', '-v', '/data', 'second', 'sleep', '1000');
  await lock.release();
  const { stdout, stderr, exitCode } = await end;
  assert.match(stdout, /^[0-9a-f]{64}/);
  assert.deepEqual([stderr, exitCode], ['', 0]);
  await tspod.ok('exec', 'c', 'touch', '/data/file');
  for (const name of ['second', 'third']) await tspod.ok('image', 'exists', name);
  assert.equal((await tspod('image', 'exists', 'busybox')).exitCode, 1);
  await tspod.ok('rm', '--force', '--volumes', '--time', '0', 'c');
});

test('image prune --all removes an image under all its names', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('tag', 'busybox', 'localhost/other');
  assert.match(await tspod.ok('image', 'prune', '--all', '--force'), /^[0-9a-f]{64}$/m);
  assert.equal(await tspod.ok('images', '--quiet'), '');
});

test('volume prune names what goes, and asks; where nothing goes it says so', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '-v', 'used:/data', 'busybox');
  await tspod.ok('volume', 'create', 'a');
  await tspod.ok('volume', 'create', '--label', 'kind=old', 'b');
  const warning =
    'WARNING! This will remove all volumes not used by at least one container. The following volumes will be removed:';
  const question = 'Are you sure you want to continue? [y/N]';
  const no = await tspod.withInput('n\n', 'volume', 'prune');
  assert.deepEqual(no, { stdout: '', stderr: [warning, 'a', 'b', question].join('\n'), exitCode: 0 });
  const old = await tspod.withInput('y\n', 'volume', 'prune', '--filter', 'label=kind=old');
  assert.deepEqual(old, { stdout: 'b', stderr: [warning, 'b', question].join('\n'), exitCode: 0 });
  assert.equal((await tspod.withInput('y\n', 'volume', 'prune')).stdout, 'a');
  const none = await tspod('volume', 'prune');
  assert.deepEqual(none, { stdout: '', stderr: 'No dangling volumes found', exitCode: 0 });
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), 'used');
});

test('volume prune removes what it has named, and nothing that came while it asked', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('volume', 'create', 'old');
  const prune = tspod.start('volume', 'prune');
  for await (const chunk of prune.stderr.iterator({ destroyOnReturn: false })) {
    if (String(chunk).includes('[y/N]')) break;
  }
  await tspod.ok('volume', 'create', 'new');
  assert.equal((await finish(prune, 'y\n')).stdout, 'old');
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), 'new');
});

test('volume prune leaves a volume that a container has just taken', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const old = await tspod.ok('create', '--name', 'old', 'busybox');
  await tspod.ok('volume', 'create', 'idle');
  await tspod.ok('volume', 'create', 'taken');
  // Who looks at the containers waits at the config of one, and does not see those that are made meanwhile.
  const config = join(tspod.store, 'containers', old, 'config.json');
  using readers = stopReaders(config);
  const prune = tspod('volume', 'prune', '--force');
  const beforeMeasuring = await readers.next('prune looks at the containers');
  beforeMeasuring.goOn();
  const beforeRemoving = await readers.next('prune looks at the containers again');
  readers.end();
  await tspod.ok('create', '--name', 'new', '-v', 'taken:/data', 'busybox', 'cat', '/data/file');
  writeFileSync(join(tspod.store, 'volumes/taken/_data/file'), 'kept');
  beforeRemoving.goOn();
  assert.deepEqual(await prune, { stdout: 'idle', stderr: '', exitCode: 0 });
  assert.equal(await tspod.ok('start', '--attach', 'new'), 'kept');
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), 'taken');
});

test('system reset removes everything of tspod and nothing of others', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'up', '-v', 'data:/data', 'busybox', 'sleep', '1000');
  writeFileSync(join(tspod.store, 'mine'), '');
  mkdirSync(join(tspod.runtime, 'mine'));
  assert.equal((await tspod.withInput('\n', 'system', 'reset')).exitCode, 0);
  assert.equal(await tspod.ok('ps', '--format', '{{.Names}}'), 'up');
  assert.equal((await tspod.withInput('yes\n', 'system', 'reset')).exitCode, 0);
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  assert.ok(!existsSync(join(tspod.store, 'volumes')) && !existsSync(join(tspod.store, 'layers')));
  assert.ok(existsSync(join(tspod.store, 'mine')) && existsSync(join(tspod.runtime, 'mine')));
});

test('system reset leaves the containers of another store alone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'up', 'busybox', 'sleep', '1000');
  const elsewhere = ['--root', join(tspod.folder, 'elsewhere')];
  await tspod.ok(...elsewhere, 'run', '--network', 'none', 'localhost/tspod/hello');
  await tspod.ok(...elsewhere, 'system', 'reset', '--force');
  assert.ok(!existsSync(join(tspod.folder, 'elsewhere')));
  assert.equal(await tspod.ok('exec', 'up', 'echo', 'reached'), 'reached');
});

test('container cleanup refuses what runs, and with --rm removes what has ended', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'up', 'busybox', 'sleep', '1000');
  const { exitCode, stderr } = await tspod('container', 'cleanup', 'up');
  assert.equal(exitCode, 125);
  assert.match(stderr, /is running, refusing to clean up/);
  await tspod.ok('run', '--name', 'down', '--network', 'none', 'busybox', 'true');
  assert.equal(await tspod.ok('container', 'cleanup', 'down'), 'down');
  assert.equal(await tspod.ok('container', 'cleanup', '--rm', 'down'), 'down');
  assert.equal((await tspod('container', 'exists', 'down')).exitCode, 1);
});

test('container clone makes another with the same settings', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--env', 'A=1', '-v', '/anonymous', '--network', 'none', 'busybox', 'env');
  const id = await tspod.ok('container', 'clone', 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.Name}} {{.Config.Cmd}}', id), 'c-clone [env]');
  const env = (await tspod.ok('start', '--attach', 'c-clone')).split('\n');
  assert.ok(env.includes('A=1'));
  assert.ok(env.includes(`HOSTNAME=${id.slice(0, 12)}`));
  assert.equal(await tspod.ok('inspect', '--format', '{{.Config.Hostname}}', id), id.slice(0, 12));
  const volume = (name: string) => tspod.ok('inspect', '--format', '{{(index .Mounts 0).Name}}', name);
  assert.notEqual(await volume('c'), await volume('c-clone'));
  await tspod.ok('container', 'clone', 'c');
  await tspod.ok('container', 'clone', '--destroy', 'c', 'd');
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}', '--sort', 'names'), 'c-clone\nc-clone1\nd');
  await tspod.ok('rm', '--all', '--force', '--volumes');
});

test('a container that needs one that is gone is neither cloned nor started, and the other one is named', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const gone = await tspod.ok(...detached, '--rm', '--name', 'gone', 'busybox', 'sleep', '1000');
  const needy = await tspod.ok('create', '--name', 'needy', '--network', 'container:gone', 'busybox', 'true');
  await tspod.ok('stop', '--time', '0', 'gone');
  await eventually(async () => (await tspod('container', 'exists', gone)).exitCode === 1, 'the first one is gone');
  const clone = await tspod('container', 'clone', 'needy');
  assert.match(clone.stderr, new RegExp(`no container with ID "${gone}" found, which the new one needs`));
  const start = await tspod('start', 'needy');
  assert.match(
    start.stderr,
    new RegExp(`cannot start .* "needy": the container "${gone}", which it needs, was removed`),
  );
  assert.deepEqual([clone.exitCode, start.exitCode], [125, 125]);
  assert.deepEqual(readdirSync(join(tspod.store, 'containers')).sort(), [needy, 'by-name'].sort());
});

test('what a power cut has left of a --rm container without a config goes, and its name is free', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', '--rm', '--name', 'c', '-v', '/data', 'busybox');
  const volume = await tspod.ok('volume', 'ls', '--quiet');
  for (const folder of [`containers/${id}`, `volumes/${volume}`]) rmSync(join(tspod.store, folder, 'config.json'));
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  assert.deepEqual(readdirSync(join(tspod.store, 'containers')), ['by-name']);
  assert.deepEqual(readdirSync(join(tspod.store, 'containers/by-name')), []);
  await tspod.ok('volume', 'prune', '--force');
  assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), []);
});

test('container cleanup --rmi removes the name that the container was made from, and no other', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('tag', 'busybox', 'localhost/second');
  await tspod.ok('create', '--name', 'down', 'localhost/second', 'true');
  assert.equal(await tspod.ok('container', 'cleanup', '--rmi', 'down'), 'down');
  assert.equal((await tspod('image', 'exists', 'localhost/second')).exitCode, 1);
  const id = await tspod.ok('images', '--quiet', 'localhost/busybox');
  await tspod.ok('create', '--name', 'by-id', id, 'true');
  assert.equal(await tspod.ok('container', 'cleanup', '--rmi', 'by-id'), 'by-id');
  assert.equal((await tspod('image', 'exists', 'localhost/busybox')).exitCode, 1);
});
