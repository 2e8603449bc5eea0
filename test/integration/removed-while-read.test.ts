/** What another command removes, or starts, while its files are read: whoever reads finds only that there is less of it. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { busyboxRoot } from '../support/busybox.ts';
import { untilAtLock } from '../support/held-lock.ts';
import { childrenOf, readText } from '../support/processes.ts';
import { eventually, finish, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

/** More than fits between who packs them and who has the archive. */
const FILES = 3000;
const LONG = 'x'.repeat(200);
const MAKE = `mkdir /data; i=0; while [ $i -lt ${String(FILES)} ]; do : >/data/${LONG}$i; i=$((i+1)); done`;

/** A container that runs, `web`, with many files. */
async function withManyFiles(tspod: Tspod, ...flags: string[]): Promise<void> {
  const script = `${MAKE}; mkdir /zz; touch /ready; exec sleep 1000`;
  await tspod.ok('run', '-d', '--name', 'web', '--network', 'none', ...flags, 'busybox', 'sh', '-c', script);
  await eventually(async () => (await tspod('exec', 'web', 'test', '-e', '/ready')).exitCode === 0, 'the files');
}

/** Start a command, and stop it once the native program reads for it. */
async function stopReading(tspod: Tspod, ...words: readonly string[]) {
  const command = tspod.start(...words);
  const isReading = (pid: number) => /\0(?:pack|layer|changes)\0/.test(readText(`/proc/${String(pid)}/cmdline`));
  while (command.exitCode === null && !childrenOf(command.pid ?? NaN).some(isReading)) await setImmediate();
  assert.equal(command.exitCode, null, 'it was done before it was seen');
  command.kill('SIGSTOP');
  return command;
}

async function goOn(command: ChildProcess & Parameters<typeof finish>[0]) {
  command.kill('SIGCONT');
  return await finish(command);
}

for (const [words, message] of [
  [['commit', 'web', 'made'], 'cannot commit the container "web": it was removed meanwhile'],
  [['commit', '--squash', 'web', 'made'], 'cannot commit the container "web": it was removed meanwhile'],
  [['export', 'web'], 'cannot export the container "web": it was removed meanwhile'],
  [['export', '--output', 'root.tar', 'web'], 'cannot export the container "web": it was removed meanwhile'],
  [['cp', 'web:/data', '-'], 'cannot copy "/data" on container web: the container was removed meanwhile'],
  [['cp', 'web:/data', 'copy'], 'cannot copy "/data" on container web: the container was removed meanwhile'],
  [['cp', 'web:/data', 'down:/'], 'cannot copy "/data" on container web: the container was removed meanwhile'],
  [['diff', 'web'], 'the container "web" was removed meanwhile'],
] as const) {
  test(`${words.join(' ')}: what is removed meanwhile is not taken for all there was, and nothing is left`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    await withManyFiles(tspod);
    await tspod.ok('create', '--name', 'down', 'busybox');
    const files = readdirSync(tspod.folder);
    const images = await tspod.ok('images', '--all', '--quiet');
    const reader = await stopReading(tspod, ...words);
    await tspod.ok('rm', '--force', '--time', '0', 'web');
    const { stderr, exitCode } = await goOn(reader);
    assert.deepEqual([stderr, exitCode], [`Error: ${message}`, 125]);
    assert.deepEqual(readdirSync(tspod.folder), files);
    assert.equal(await tspod.ok('images', '--all', '--quiet'), images);
    assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
    const down = await tspod.ok('inspect', '--format', '{{.Id}}', 'down');
    assert.equal(existsSync(join(tspod.store, 'containers', down, 'upper/data')), false);
  });
}

test('commit of a --rm container that ends by itself meanwhile makes no image of what is left of it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await withManyFiles(tspod, '--rm');
  const commit = await stopReading(tspod, 'commit', 'web', 'made');
  await tspod.ok('kill', 'web');
  await eventually(async () => (await tspod('container', 'exists', 'web')).exitCode === 1, 'it is removed');
  const { stderr, exitCode } = await goOn(commit);
  assert.deepEqual([stderr, exitCode], ['Error: cannot commit the container "web": it was removed meanwhile', 125]);
  assert.equal((await tspod('image', 'exists', 'made')).exitCode, 1);
});

test('a container that does not run is started once its commit has read all of it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = `test -e /data && touch /zz/late || { ${MAKE}; mkdir /zz; }`;
  const id = await tspod.ok('create', '--name', 'job', '--network', 'none', 'busybox', 'sh', '-c', script);
  await tspod.ok('start', '--attach', 'job');
  const commit = await stopReading(tspod, 'commit', '--quiet', 'job', 'made');
  const start = tspod.start('start', '--attach', 'job');
  const end = finish(start);
  await untilAtLock(join(tspod.store, 'containers', id), start);
  assert.equal((await goOn(commit)).exitCode, 0);
  assert.equal((await end).exitCode, 0);
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'made', 'ls', '/zz'), '');
});

test('commit of a container that runs holds up nobody', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await withManyFiles(tspod);
  const commit = await stopReading(tspod, 'commit', '--quiet', 'web', 'made');
  await tspod.ok('exec', 'web', 'true');
  await tspod.ok('rename', 'web', 'other');
  await tspod.ok('restart', '--time', '0', 'other');
  assert.equal((await goOn(commit)).exitCode, 0);
});

test('volume export of a volume that is removed meanwhile fails, also when there is a new one of the name', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const [words, isMadeAnew] of [
    [['volume', 'export', 'data'], false],
    [['volume', 'export', '--output', 'data.tar', 'data'], true],
  ] as const) {
    await tspod.ok('volume', 'create', 'data');
    const data = join(tspod.store, 'volumes/data/_data');
    for (let i = 0; i < FILES; i += 1) writeFileSync(join(data, `${LONG}${String(i)}`), '');
    const reader = await stopReading(tspod, ...words);
    await tspod.ok('volume', 'rm', 'data');
    if (isMadeAnew) await tspod.ok('volume', 'create', 'data');
    const { stderr, exitCode } = await goOn(reader);
    assert.deepEqual([stderr, exitCode], ['Error: cannot export the volume "data": it was removed meanwhile', 125]);
  }
  assert.equal(existsSync(join(tspod.folder, 'data.tar')), false);
});

test('diff of an image that is removed meanwhile shows all of it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const files = Array.from({ length: FILES }, (_, i) => ({ path: `data/${LONG}${String(i)}`, content: '' }));
  await tspod.load({ layers: [busyboxRoot(), files] }, 'localhost/many:1');
  const diff = await stopReading(tspod, 'diff', 'many:1');
  await tspod.ok('rmi', 'many:1');
  const { stdout, exitCode } = await goOn(diff);
  assert.equal(exitCode, 0);
  assert.equal(stdout.split('\n').filter((line) => line.startsWith('A /data/')).length, FILES);
});
