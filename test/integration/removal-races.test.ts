/** What is removed while a new container takes it, or somebody names it, or by a command that is killed before it knows that nothing does. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { manyLayersImage } from '../support/images.ts';
import { stopReaders } from '../support/stopped-readers.ts';
import { eventually, finish, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

/** Where who looks at the containers can be stopped, and does not see those that are made meanwhile. */
async function configOfNew(tspod: Tspod, name: string): Promise<string> {
  return join(tspod.store, 'containers', await tspod.ok('create', '--name', name, 'busybox'), 'config.json');
}

for (const command of [
  ['volume', 'prune', '--force'],
  ['volume', 'rm', 'data'],
]) {
  test(`kill -9 of ${command.slice(0, 2).join(' ')} before it knows that nothing uses a volume: the volume is there`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    await tspod.ok('volume', 'create', 'data');
    const volume = join(tspod.store, 'volumes/data');
    writeFileSync(join(volume, '_data/file'), 'kept');
    using readers = stopReaders(await configOfNew(tspod, 'old'));
    const removal = tspod.start(...command);
    const end = finish(removal);
    for (;;) {
      const reader = await readers.next('it looks at the containers');
      if (!existsSync(volume)) break;
      reader.goOn();
    }
    removal.kill('SIGKILL');
    await end;
    readers.end();
    assert.equal(await tspod.ok('run', '--rm', '-v', 'data:/data', 'busybox', 'cat', '/data/file'), 'kept');
    assert.equal(await tspod.ok('volume', 'ls', '--quiet'), 'data');
    assert.equal(await tspod.ok(...command), 'data');
    assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), []);
  });
}

test('a volume of the same name is made after a removal that was killed: the new one stays', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('volume', 'create', 'data');
  const volume = join(tspod.store, 'volumes/data');
  writeFileSync(join(volume, '_data/old'), '');
  using readers = stopReaders(await configOfNew(tspod, 'old'));
  const removal = tspod.start('volume', 'rm', 'data');
  const end = finish(removal);
  for (;;) {
    const reader = await readers.next('it looks at the containers');
    if (!existsSync(volume)) break;
    reader.goOn();
  }
  await tspod.ok('volume', 'create', 'data');
  removal.kill('SIGKILL');
  await end;
  readers.end();
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), 'data');
  assert.deepEqual(readdirSync(join(volume, '_data')), []);
  await tspod.ok('volume', 'create', 'other');
  await tspod.ok('volume', 'rm', 'other');
  assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), ['data']);
});

test('a removal that is killed while another one looks for garbage: its volume is none', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const name of ['data', 'other', 'more']) await tspod.ok('volume', 'create', name);
  const place = (name: string) => join(tspod.store, 'volumes', name);
  writeFileSync(join(place('data'), '_data/file'), 'kept');
  const abandoned = place('.aside-z-1-1'); // The last in order, and never returned: there is a volume of its name.
  cpSync(place('other'), abandoned, { recursive: true });
  using readers = stopReaders(await configOfNew(tspod, 'old'));
  const removal = tspod.start('volume', 'rm', 'data');
  const end = finish(removal);
  for (;;) {
    const reader = await readers.next('it looks at the containers');
    if (!existsSync(place('data'))) break;
    reader.goOn();
  }
  readers.end();
  const lookers = stopReaders(join(abandoned, 'config.json'));
  const other = tspod('volume', 'rm', 'more');
  for (;;) {
    const looker = await lookers.next('the other one looks at what was set aside');
    if (existsSync(place('more'))) {
      looker.goOn();
      continue;
    }
    removal.kill('SIGKILL');
    await end;
    lookers.end();
    looker.goOn();
    break;
  }
  assert.deepEqual(await other, { stdout: 'more', stderr: '', exitCode: 0 });
  assert.equal(await tspod.ok('run', '--rm', '-v', 'data:/data', 'busybox', 'cat', '/data/file'), 'kept');
});

test('create of an image that is just being removed waits, and says that it is gone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(manyLayersImage(2), 'localhost/idle:latest');
  const config = await configOfNew(tspod, 'old');
  using readers = stopReaders(config);
  const create = tspod('create', '--requires', 'old', 'idle'); // Looked up when the image is known.
  const known = await readers.next('create looks up what the container requires');
  const prune = tspod('image', 'prune', '--all', '--force');
  for (;;) {
    const reader = await readers.next('prune looks at the containers');
    if (isCollecting(tspod)) {
      readers.end();
      const before = containers(tspod);
      known.goOn();
      await eventually(() => containers(tspod) > before || undefined, 'the new container is in the store');
      reader.goOn();
      break;
    }
    reader.goOn();
  }
  assert.match((await prune).stdout, /^[0-9a-f]{64}$/m);
  const { exitCode, stderr } = await create;
  assert.equal(exitCode, 125);
  assert.match(
    stderr,
    /^Error: the layer "sha256:[0-9a-f]{64}" of the image "[^"]*idle[^"]*" is gone from the store\n/,
  );
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'old');
});

test('create of an image that was removed just before says that it is gone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(manyLayersImage(2), 'localhost/idle:latest');
  using readers = stopReaders(await configOfNew(tspod, 'old'));
  const create = tspod('create', '--requires', 'old', 'idle');
  const known = await readers.next('create looks up what the container requires');
  readers.end();
  await tspod.ok('rmi', 'idle');
  known.goOn();
  const { exitCode, stderr } = await create;
  assert.equal(exitCode, 125);
  assert.match(stderr, /is gone from the store\n {2}.*tspod pull localhost\/idle/);
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'old');
});

test('what a removal of images that was killed has said is no word to a new container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(manyLayersImage(2), 'localhost/idle:latest');
  using readers = stopReaders(await configOfNew(tspod, 'old'));
  const removal = tspod.start('rmi', 'idle');
  const end = finish(removal);
  for (;;) {
    const reader = await readers.next('it looks at the containers');
    if (isCollecting(tspod)) break;
    reader.goOn();
  }
  removal.kill('SIGKILL');
  await end;
  readers.end();
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', 'works'), 'works');
  await tspod.ok('image', 'prune', '--force');
  assert.ok(!isCollecting(tspod));
});

function containers(tspod: Tspod): number {
  return readdirSync(join(tspod.store, 'containers')).filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
}

test('rmi of the only name of an image that gets another one meanwhile takes that name alone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(manyLayersImage(2), 'localhost/idle:latest');
  using readers = stopReaders(await configOfNew(tspod, 'old'));
  const removal = tspod('rmi', 'idle');
  const reader = await readers.next('it looks at the containers');
  await tspod.ok('tag', 'idle', 'localhost/kept');
  readers.end();
  reader.goOn();
  assert.deepEqual(await removal, { stdout: 'Untagged: localhost/idle:latest', stderr: '', exitCode: 0 });
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'kept', 'cat', '/last'), '2');
  assert.equal((await tspod('image', 'exists', 'idle')).exitCode, 1);
});

test('rmi of an id that gets a second name meanwhile wants force, and takes none', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(manyLayersImage(2), 'localhost/idle:latest');
  const id = await tspod.ok('images', '--quiet', '--no-trunc', 'idle');
  using readers = stopReaders(await configOfNew(tspod, 'old'));
  const removal = tspod('rmi', id);
  const reader = await readers.next('it looks at the containers');
  await tspod.ok('tag', 'idle', 'localhost/kept');
  readers.end();
  reader.goOn();
  const { stderr, exitCode } = await removal;
  assert.match(stderr, /by ID with more than one tag \(localhost\/idle:latest, localhost\/kept:latest\)/);
  assert.equal(exitCode, 125);
  for (const name of ['idle', 'kept']) await tspod.ok('image', 'exists', name);
});

test('image prune leaves an image without a name that gets one meanwhile', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(manyLayersImage(2), 'localhost/idle:latest');
  const id = await tspod.ok('images', '--quiet', 'idle');
  await tspod.ok('untag', 'idle');
  using readers = stopReaders(await configOfNew(tspod, 'old'));
  const prune = tspod('image', 'prune', '--force');
  const choosing = await readers.next('it looks which images are used');
  choosing.goOn();
  const reader = await readers.next('it looks at the containers again');
  await tspod.ok('tag', id, 'localhost/kept');
  readers.end();
  reader.goOn();
  assert.deepEqual(await prune, { stdout: '', stderr: '', exitCode: 0 });
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'kept', 'cat', '/last'), '2');
});

/** The note is a link that leads nowhere: src/store/collecting.ts. */
function isCollecting(tspod: Tspod): boolean {
  return lstatSync(join(tspod.store, 'layers/.collecting'), { throwIfNoEntry: false }) !== undefined;
}
