/** kill -9 of the CLI at random moments of commands on one container, and of the helpers beside it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { findProcesses, parentOf, readText } from '../support/processes.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

/** For each command; TSPOD_TEST_MOMENTS=200 for a thorough run. Emulated, each takes ten times as long. */
const MOMENTS = Number(process.env['TSPOD_TEST_MOMENTS'] ?? (process.env['TESTBED'] === '1' ? 2 : 8));

const up = [
  'run',
  '-d',
  '--name',
  'c',
  '--stop-signal',
  'KILL',
  '--network',
  'none',
  'busybox',
  'sleep',
  '1000',
] as const;

const COMMANDS: readonly { readonly command: readonly string[]; readonly before?: readonly string[] }[] = [
  { command: ['start', 'c'], before: ['stop', 'c'] },
  { command: ['stop', 'c'], before: ['start', 'c'] },
  { command: ['restart', 'c'] },
  { command: ['exec', 'c', 'true'] },
  { command: ['kill', 'c'], before: ['start', 'c'] },
  { command: ['cp', 'file', 'c:/root/file'] },
  { command: ['commit', '--quiet', 'c', 'localhost/commit'] },
  { command: ['volume', 'create', '--ignore', 'v'] },
  { command: ['update', '--restart', 'on-failure:3', 'c'] },
];

for (const { command, before } of COMMANDS) {
  test(`kill -9 of ${command.slice(0, 2).join(' ')} at random moments: the container can be used as before`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    writeFileSync(join(tspod.folder, 'file'), 'content');
    await tspod.ok(...up);
    let wholeMs = 0;
    for (let moment = 0; moment <= MOMENTS; moment += 1) {
      if (before !== undefined) await tspod.ok(...before);
      const began = performance.now();
      if (moment === 0) await tspod.ok(...command);
      else await tspod.killAfter(Math.random() * 1.1 * wholeMs, ...command);
      if (moment === 0) wholeMs = performance.now() - began;
      assert.match(
        await tspod.ok('ps', '--all', '--format', '{{.Names}} {{.State}}'),
        /^c (created|running|exited|unknown)$/,
      );
      await tspod.ok('start', 'c');
      assert.equal(await tspod.ok('exec', 'c', 'echo', 'works'), 'works');
      await tspod.ok(...command);
      assert.deepEqual(staged(tspod), []);
    }
  });
}

test('kill -9 of rename at random moments: the container has one of the two names, and the other is free', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox');
  let wholeMs = 0;
  for (let moment = 0; moment <= MOMENTS * 2; moment += 1) {
    const name = await tspod.ok('ps', '--all', '--format', '{{.Names}}');
    const other = name === 'c' ? 'd' : 'c';
    const began = performance.now();
    if (moment === 0) await tspod.ok('rename', name, other);
    else await tspod.killAfter(Math.random() * 1.1 * wholeMs, 'rename', name, other);
    if (moment === 0) wholeMs = performance.now() - began;
    const now = await tspod.ok('ps', '--all', '--format', '{{.Names}}');
    assert.match(now, /^[cd]$/);
    assert.equal(await tspod.ok('inspect', '--format', '{{.Name}}', now), now);
    await tspod.ok('create', '--name', now === 'c' ? 'd' : 'c', '--network', 'none', 'busybox');
    await tspod.ok('rm', now === 'c' ? 'd' : 'c');
  }
});

test('kill -9 of save and export at random moments: the old file or the new one, and nothing beside it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox');
  const file = join(tspod.folder, 'out.tar');
  for (const command of [
    ['save', '--quiet', '--output', file, 'busybox'],
    ['export', '--output', file, 'c'],
  ]) {
    const began = performance.now();
    await tspod.ok(...command);
    const wholeMs = performance.now() - began;
    const { length } = readFileSync(file);
    for (let moment = 1; moment <= MOMENTS; moment += 1) {
      const hasOld = moment % 2 === 0;
      rmSync(file, { force: true });
      if (hasOld) writeFileSync(file, 'old');
      const others = readdirSync(tspod.folder).filter((name) => name !== 'out.tar');
      await tspod.killAfter(Math.random() * 1.1 * wholeMs, ...command);
      assert.deepEqual(
        readdirSync(tspod.folder).filter((name) => name !== 'out.tar'),
        others,
      );
      const now = existsSync(file) ? readFileSync(file).length : 0;
      assert.ok(now === length || now === (hasOld ? 3 : 0), `${command[0] ?? ''}: ${now} of ${length} bytes`);
    }
  }
});

const HELPERS = [
  { helper: 'slirp4netns', skip: missing('program:slirp4netns', 'subuid') },
  { helper: 'pasta', skip: missing('tun', 'program:pasta', 'subuid') },
  { helper: 'fuse-overlayfs', skip: missing('fuse', 'subuid') },
  { helper: 'tspod-monitor', skip: missing('program:slirp4netns', 'subuid') },
] as const;

for (const { helper, skip } of HELPERS) {
  test(
    `kill -9 of each ${helper} of a container: it is stopped, started and removed as before`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      const driver = helper === 'fuse-overlayfs' ? ['--storage-driver', helper] : [];
      const network = helper === 'pasta' ? helper : 'slirp4netns';
      const options = ['-d', '--name', 'c', '--network', network, '--publish', '127.0.0.1::80'];
      const isUp = () => tspod.ok('exec', 'c', 'echo', 'works');
      await tspod.ok(...driver, 'run', ...options, 'busybox', 'sleep', '1000');
      const count = findOwn(tspod, helper).length;
      assert.ok(count > 0, `there is a ${helper}`);
      for (let nth = 0; nth < count; nth += 1) {
        const pid = findOwn(tspod, helper)[nth];
        assert.ok(pid !== undefined);
        process.kill(pid, 'SIGKILL');
        assert.match(await tspod.ok('ps', '--all', '--format', '{{.State}}'), /^(running|exited|unknown)$/);
        await tspod.ok(...driver, 'stop', '--time', '0', 'c');
        await tspod.ok(...driver, 'start', 'c');
        assert.equal(await isUp(), 'works');
        assert.equal(findOwn(tspod, helper).length, count);
      }
      await tspod.ok('rm', '--force', '--time', '0', 'c');
      assert.deepEqual(findOwn(tspod, helper), []);
    },
  );
}

for (const pid of ['private', 'host'] as const) {
  test(
    `--pid=${pid}: pasta and fuse-overlayfs end with their container, also when all of ours beside them were killed`,
    { skip: missing('tun', 'program:pasta', 'fuse', 'subuid') },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      const helpers = () => ['pasta', 'fuse-overlayfs'].filter((program) => findOwn(tspod, program).length > 0);
      for (const isYoungestFirst of [true, false]) {
        const run = ['--storage-driver', 'fuse-overlayfs', 'run', '-d', '--name', 'c', '--network', 'pasta'];
        await tspod.ok(...run, '--pid', pid, '--publish', '127.0.0.1::80/udp', 'busybox', 'sleep', '1000');
        assert.deepEqual(helpers(), ['pasta', 'fuse-overlayfs']);
        const ours = findOwn(tspod, 'tspod-monitor');
        for (const one of isYoungestFirst ? ours.toReversed() : ours) killIfThere(one);
        await eventually(() => helpers().length === 0, 'pasta and fuse-overlayfs end');
        await tspod.ok('rm', '--force', '--time', '0', 'c');
      }
    },
  );
}

/** What a command has staged in the store of images. */
function staged(tspod: Tspod): string[] {
  return ['layers', 'staging']
    .flatMap((name) => readdirSync(join(tspod.store, name)).map((file) => `${name}/${file}`))
    .filter((file) => /^staging\/|^layers\/[.]/.test(file));
}

/** Ids of the test's own processes that run a program, in ascending order. */
function findOwn({ env, folder }: Tspod, program: string): number[] {
  return findProcesses((commandLine, pid) => {
    if (basename(commandLine.split('\0', 1)[0] ?? '') !== program) return false; // pasta becomes passt.avx2.
    // pasta lets nobody read its environment; its parent does.
    const texts = [pid, parentOf(pid)].map((one) => readText(`/proc/${String(one)}/environ`)).join('') + commandLine;
    return texts.includes(env['TSPOD_TEST'] ?? '') || texts.includes(folder);
  });
}

/** It may have ended with another one. */
function killIfThere(pid: number): void {
  if (existsSync(`/proc/${String(pid)}`)) process.kill(pid, 'SIGKILL');
}
