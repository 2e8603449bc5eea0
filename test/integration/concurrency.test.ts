import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdLock } from '../support/held-lock.ts';
import { missing } from '../support/missing.ts';
import { finish, tspodWithBusybox, type Result } from '../support/tspod.ts';

const ended = ['created', 'exited', 'running', 'stopping'];

/** A sentence for the user, or nothing; what Node says of an error in the program is neither. */
function assertSentences({ stderr }: Result): void {
  for (const line of stderr.split('\n')) assert.match(line, /^$|^Error: |^ {2}/);
  assert.doesNotMatch(stderr, /node:|\.ts:|at async/);
}

test('many containers at once: each has its own output and status, and leaves nothing', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const numbers = Array.from({ length: 24 }, (_, index) => index);
  const results = await Promise.all(
    numbers.map((number) =>
      tspod('run', '--rm', '--network', 'none', 'busybox', 'sh', '-c', `echo ${number}; exit ${number}`),
    ),
  );
  assert.deepEqual(
    results.map(({ stdout, exitCode, stderr }) => [stdout, exitCode, stderr]),
    numbers.map((number) => [String(number), number, '']),
  );
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  const events = await tspod.ok('events', '--stream=false', '--filter', 'event=remove', '--format', '{{.ID}}');
  assert.equal(new Set(events.split('\n')).size, 24);
});

test('rm -f, start, stop and ps on one container at once: sentences, true statuses, and then it is gone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'trap "exit 0" TERM; while :; do sleep 0.05; done';
  for (let round = 0; round < 6; round++) {
    await tspod.ok('create', '--network', 'none', '--name', 'c', 'busybox', 'sh', '-c', script);
    const repeat = async (count: number, ...args: readonly string[]) => {
      const results: Result[] = [];
      for (let time = 0; time < count; time++) results.push(await tspod(...args));
      return results;
    };
    const [starts, stops, lists, removals] = await Promise.all([
      repeat(3, 'start', 'c'),
      repeat(3, 'stop', '--time', '1', 'c'),
      repeat(4, 'ps', '--all', '--format', '{{.State}}'),
      repeat(1 + (round % 3), 'ps').then(() => repeat(1, 'rm', '--force', '--time', '1', 'c')),
    ]);
    for (const result of [...starts, ...stops, ...lists, ...removals]) assertSentences(result);
    for (const { exitCode } of [...starts, ...stops]) assert.ok(exitCode === 0 || exitCode === 125, String(exitCode));
    for (const { stdout } of lists) assert.ok(stdout === '' || ended.includes(stdout), stdout);
    assert.equal(removals[0]?.exitCode, 0, removals[0]?.stderr);
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  }
});

test('start of a container that waits for one that it requires holds nobody up meanwhile', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const below = await tspod.ok('create', '--name', 'below', '--network', 'none', 'busybox', 'sleep', '1000');
  await tspod.ok('create', '--name', 'above', '--requires', 'below', '--network', 'none', 'busybox', 'sleep', '1000');
  const lock = await holdLock(join(tspod.store, 'containers', below));
  const start = tspod.start('start', 'above');
  const end = finish(start);
  await lock.untilReachedBy(start);
  assert.equal(await tspod.ok('rename', 'above', 'renamed'), '');
  assert.equal(start.exitCode, null, 'it waits still');
  await lock.release();
  assert.equal((await end).exitCode, 0);
  assert.equal(await tspod.ok('ps', '--sort', 'created', '--format', '{{.Names}}'), 'below\nrenamed');
});

test('cp from each of two containers to the other while one starts that requires the other: all come to an end', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const create = ['create', '--network', 'none'] as const;
  const below = await tspod.ok(...create, 'busybox', 'sleep', '1000');
  let above = '';
  // Locks are taken in the order of ids: the other way round than the start needs the containers.
  while (above < below) above = await tspod.ok(...create, '--requires', below, 'busybox', 'sleep', '1000');
  for (let round = 0; round < 6; round++) {
    const results = await Promise.all([
      tspod('cp', `${above}:/bin/busybox`, `${below}:/root/`),
      tspod('start', above),
      tspod('cp', `${below}:/bin/busybox`, `${above}:/root/`),
      tspod('cp', `${above}:/bin/busybox`, `${below}:/root/`),
    ]);
    for (const { exitCode, stderr } of results) assert.deepEqual([exitCode, stderr], [0, '']);
    await tspod.ok('stop', '--time', '0', above, below);
  }
});

for (const { driver, skip } of [
  { driver: 'overlay', skip: missing('overlay', 'subuid') },
  { driver: 'fuse-overlayfs', skip: missing('fuse', 'subuid') },
  { driver: 'vfs', skip: missing('subuid') },
]) {
  test(`${driver}: rm -f, start and prune while run starts the container wait for that`, { skip }, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const run = [
      '--storage-driver',
      driver,
      'run',
      '-d',
      '--name',
      'c',
      '--network',
      'none',
      'busybox',
      'sleep',
      '1000',
    ];
    const began = performance.now();
    await tspod.ok(...run);
    const wholeMs = performance.now() - began;
    await tspod.ok('rm', '--force', '--time', '0', 'c');
    for (let moment = 1; moment <= 8; moment += 1) {
      const running = tspod(...run);
      await sleep((wholeMs * moment) / 8);
      const others = [
        ['start', 'c'],
        ['container', 'prune', '--force'],
        ['rm', '--force', '--time', '0', 'c'],
      ];
      const [start, prune, removal] = await Promise.all(others.map((words) => tspod(...words)));
      const { exitCode, stderr } = await running;
      assert.deepEqual([exitCode, stderr], [0, '']);
      assert.deepEqual([prune?.exitCode, prune?.stdout, removal?.exitCode], [0, '', 0]);
      assert.match(
        start?.stderr ?? '',
        /^$|^Error: (no container with name or ID "[^"]*" found: |cannot start the container "c": it is being stopped)/,
      );
      await tspod.ok('rm', '--force', '--ignore', '--time', '0', 'c');
    }
  });
}

test('start of a --rm container that is just ending makes nothing of it anew', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (let round = 0; round < 8; round += 1) {
    const running = tspod('run', '--rm', '--name', 'c', '--network', 'none', 'busybox', 'true');
    const starts: Result[] = [];
    do starts.push(...(await Promise.all([tspod('start', 'c'), tspod('start', 'c')])));
    while ((await tspod('container', 'exists', 'c')).exitCode === 0);
    assert.deepEqual(await running, { stdout: '', stderr: '', exitCode: 0 });
    for (const { stderr } of starts) assert.match(stderr, /^$|^Error: no container with name or ID "[^"]*" found: /);
  }
});

test('sixteen containers start at once', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const runs = await Promise.all(
    Array.from({ length: 16 }, (_, n) => tspod('run', '--rm', '--network', 'none', 'busybox', 'echo', String(n))),
  );
  assert.deepEqual(
    runs.map(({ stdout }) => stdout),
    Array.from({ length: 16 }, (_, n) => String(n)),
  );
});
