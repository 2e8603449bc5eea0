import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { busyboxImage, type TestImage } from '../support/images.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

/** busybox with many files below /full. */
function fullImage(): TestImage {
  const files = Array.from({ length: 1500 }, (_, n) => ({
    path: `full/${String(n)}`,
    content: `content ${String(n)}`,
  }));
  return { ...busyboxImage(), layers: [...busyboxImage().layers, files] };
}

test('two containers that share a new volume at once both see all that it is filled with', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(fullImage(), 'localhost/full:latest');
  for (let round = 0; round < 3; round++) {
    const count = ['-v', `v${String(round)}:/full`, 'full', 'sh', '-c', 'cat /full/* | wc -c'];
    const seen = await Promise.all(Array.from({ length: 3 }, () => tspod.ok(...run, ...count)));
    assert.deepEqual(seen, ['16890', '16890', '16890']);
  }
});

test('a volume that was half filled when its monitor was killed is filled by the next container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(fullImage(), 'localhost/full:latest');
  const volume = ['-v', 'data:/full', 'full', 'sh', '-c'];
  const killed = spawn(tspod.program, [...run, ...volume, 'true'], {
    env: { ...tspod.env, TSPOD_FAILPOINT: 'during-fill' },
    stdio: 'ignore',
  });
  await once(killed, 'exit');
  const data = join(tspod.store, 'volumes/data/_data');
  writeFileSync(join(data, '3'), 'half');
  rmSync(join(data, '7'));
  writeFileSync(join(data, 'own'), 'written meanwhile');
  assert.equal(
    await tspod.ok(...run, ...volume, 'cat /full/3 /full/7 /full/own'),
    'content 3content 7written meanwhile',
  );
  assert.equal(await tspod.ok(...run, ...volume, 'rm /full/3; ls /full | wc -l'), '1500');
  assert.equal(await tspod.ok(...run, ...volume, 'ls /full | wc -l'), '1500');
});

/** The run of a new container `c`, and the process that fills its volume, stopped half-way. */
async function startFilling(t: TestContext) {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(fullImage(), 'localhost/full:latest');
  for (let round = 0; ; round++) {
    const volume = `v${String(round)}`;
    const cli = tspod.start('run', '--name', 'c', '--network', 'none', '-v', `${volume}:/full`, 'full', 'true');
    const ended = once(cli, 'exit');
    const mark = join(tspod.store, 'volumes', volume, 'filling');
    while (cli.exitCode === null && !existsSync(mark)) await setImmediate();
    const [id = ''] = readdirSync(join(tspod.store, 'containers')).filter((name) => name.length === 64);
    const monitor = monitorOf(join(tspod.store, 'containers', id));
    const filler = await stopChild(monitor);
    if (filler !== undefined && existsSync(mark)) return { tspod, volume, cli, monitor, filler };
    if (filler !== undefined) process.kill(filler, 'SIGCONT'); // It is init: the filling was faster than we.
    await ended;
    await tspod.ok('rm', '--force', 'c');
  }
}

/** Its directory below /proc. */
function monitorOf(container: string): string {
  try {
    const { pid } = JSON.parse(readFileSync(join(container, 'monitor.lock'), 'utf8')) as { readonly pid: number };
    return `/proc/${String(pid)}`;
  } catch {
    return '/proc/none';
  }
}

/** Stop the child that a process has just now; undefined when it has none, or that ends before it stops. */
async function stopChild(parent: string): Promise<number | undefined> {
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  try {
    const child = Number.parseInt(read(join(parent, 'task', basename(parent), 'children')), 10);
    if (!(child > 0)) return undefined;
    process.kill(child, 'SIGSTOP');
    const stateOf = () => /\) (?<state>\S)/.exec(read(`/proc/${String(child)}/stat`))?.groups?.['state'] ?? 'X';
    const state = await eventually(() => /[TZX]/.exec(stateOf())?.[0], 'it stops or ends');
    return state === 'T' ? child : undefined;
  } catch {
    return undefined;
  }
}

test('ctrl-c ends a run whose volume is being filled, and the next run fills it', async (t) => {
  const { tspod, volume, cli, monitor } = await startFilling(t);
  cli.kill('SIGINT');
  await eventually(() => !existsSync(monitor), 'the monitor ends as well');
  await tspod.ok('rm', '--force', '--ignore', 'c');
  const count = ['sh', '-c', 'cat /full/* | wc -c'];
  assert.equal(await tspod.ok(...run, '-v', `${volume}:/full`, 'full', ...count), '16890');
});

test('a volume whose filling was killed is refused, and filled by the next run', async (t) => {
  const { tspod, volume, cli, filler } = await startFilling(t);
  const said = cli.stderr.toArray();
  process.kill(filler, 'SIGKILL');
  assert.match(String(Buffer.concat((await said) as Buffer[])), /^Error: cannot copy "\/full" of the image .* memory/);
  await tspod.ok('rm', '--force', '--ignore', 'c');
  const count = ['sh', '-c', 'cat /full/* | wc -c'];
  assert.equal(await tspod.ok(...run, '-v', `${volume}:/full`, 'full', ...count), '16890');
});

/** As flock(1) does, until its standard input ends. */
async function lock(t: TestContext, directory: string) {
  const holder = spawn('flock', [directory, 'cat']);
  t.after(() => holder.stdin.end());
  holder.stdin.write('locked');
  await once(holder.stdout, 'data');
  return holder;
}

test('a lock on the directory of a volume, which every container with it can have, holds up no other', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('volume', 'create', 'data');
  const holder = await lock(t, join(tspod.store, 'volumes/data/_data'));
  assert.equal(await tspod.ok(...run, '-v', 'data:/data', 'busybox', 'echo', 'works'), 'works');
  holder.stdin.end();
});

/** `run --name c`, which waits for who fills its volume: the lock stands for another monitor. */
async function startWaiting(t: TestContext) {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('volume', 'create', 'data');
  const other = await lock(t, join(tspod.store, 'volumes/data'));
  const cli = tspod.start('run', '--name', 'c', '--network', 'none', '-v', 'data:/data', 'busybox', 'echo', 'works');
  const inspect = ['container', 'inspect', '--format', '{{.ID}}', 'c'];
  const id = await eventually(async () => (await tspod(...inspect)).stdout || false, 'the container');
  const record = join(tspod.store, 'containers', id, 'monitor.lock');
  const text = await eventually(() => existsSync(record) && (readFileSync(record, 'utf8') || false), 'the monitor');
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.State}}'), 'created');
  return { tspod, other, cli, monitor: `/proc/${String((JSON.parse(text) as { pid: number }).pid)}` };
}

test('run goes on once another container has filled the volume', async (t) => {
  const { other, cli } = await startWaiting(t);
  other.stdin.end();
  assert.equal(String(Buffer.concat((await cli.stdout.toArray()) as Buffer[])), 'works\n');
});

test('ctrl-c ends a run that waits until another container has filled the volume', async (t) => {
  const { tspod, other, cli, monitor } = await startWaiting(t);
  cli.kill('SIGINT');
  await eventually(() => !existsSync(monitor), 'the monitor ends as well');
  await tspod.ok('rm', '--force', '--ignore', 'c');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  other.stdin.end();
});

test('rm --force ends a monitor that cannot notice that its run was killed', async (t) => {
  const { tspod, other, cli, monitor } = await startWaiting(t);
  process.kill(Number(basename(monitor)), 'SIGSTOP');
  cli.kill('SIGKILL');
  await once(cli, 'exit');
  await tspod.ok('rm', '--force', 'c');
  await eventually(() => !existsSync(monitor), 'the monitor is gone');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  other.stdin.end();
});

test('rm --force ends a run that does not come to an end, and a start', async (t) => {
  const { tspod, other, cli, monitor } = await startWaiting(t);
  const said = cli.stderr.toArray();
  await tspod.ok('rm', '--force', '--time', '0', 'c');
  assert.match(
    String(Buffer.concat((await said) as Buffer[])),
    /^Error: the monitor of the container ended unexpectedly/,
  );
  await eventually(() => !existsSync(monitor), 'the monitor is gone');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  await tspod.ok('create', '--name', 'c', '--network', 'none', '-v', 'data:/data', 'busybox', 'echo', 'works');
  const start = tspod.start('start', 'c');
  const ended = once(start, 'exit');
  const id = await tspod.ok('inspect', '--format', '{{.ID}}', 'c');
  await eventually(() => existsSync(join(tspod.store, 'containers', id, 'monitor.lock')), 'its monitor');
  await tspod.ok('rm', '--force', '--time', '0', 'c');
  assert.deepEqual(await ended, [125, null]);
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  other.stdin.end();
});

test('rm --force ends a run that hangs before it has a monitor', async (t) => {
  const { tspod, other, cli, monitor } = await startWaiting(t);
  cli.kill('SIGSTOP');
  process.kill(Number(basename(monitor)), 'SIGKILL');
  const ended = once(cli, 'exit');
  await tspod.ok('rm', '--force', '--time', '0', 'c');
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  other.stdin.end();
});
