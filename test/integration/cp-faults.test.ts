/** `tspod cp` that is killed, or that a user of the container works against. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { twoContainers } from '../support/copies.ts';
import { findProcesses } from '../support/processes.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

test('a copy that is killed leaves nothing half', async (t) => {
  const tspod = await twoContainers(t);
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
    const child = tspod.start('cp', '-', 'up:/data');
    child.stdin.on('error', () => undefined);
    child.stdin.write(execFileSync('tar', ['-c', '-C', tspod.folder, 'file', 'dir/one']).subarray(0, 512 + 2));
    await eventually(async () => (await tspod.ok('exec', 'up', 'ls', '-A', '/data')).includes('.tspod-cp'), 'a copy');
    child.kill(signal);
    await once(child, 'close');
    await eventually(async () => !(await tspod.ok('exec', 'up', 'ls', '-A', '/data')).includes('.tspod-cp'), 'its end');
    assert.equal(await tspod.ok('exec', 'up', 'ls', '-A', '/data'), 'escape\nlow\nsub', signal);
  }
});

test('kill -9 of everything that copies leaves nothing of it', async (t) => {
  const tspod = await twoContainers(t, { TSPOD_STORAGE_DRIVER: 'overlay' });
  writeFileSync(join(tspod.folder, 'dir/sub/large'), Buffer.alloc(64 << 20));
  for (const name of ['up', 'down']) {
    await tspod.ok('cp', 'dir/one', `${name}:/tmp`);
    const root = join(tspod.store, 'containers', await tspod.ok('inspect', '--format', '{{.Id}}', name), 'upper');
    for (const [source, target, parent] of [
      ['dir', '/whole', '.'],
      ['dir/sub/large', '/one', '.'],
      ['dir/sub/large', '/tmp/one', 'tmp'],
      ['dir/sub/.', '/tmp', 'tmp'],
    ] as const) {
      const files = () => readdirSync(join(root, parent));
      const isCopying = () => files().some((file) => file.startsWith('.tspod-cp'));
      for (let attempt = 0, isSeen = false; !isSeen; attempt += 1) {
        assert.ok(attempt < 20, 'every copy was done before it was seen');
        const before = files();
        const place = target === '/tmp' ? target : `${target}${String(attempt)}`;
        const copy = spawn(tspod.program, ['cp', source, `${name}:${place}`], {
          cwd: tspod.folder,
          env: tspod.env,
          detached: true, // A process group of its own.
          stdio: 'ignore',
        });
        while (copy.exitCode === null && !isCopying()) await setImmediate();
        if (copy.exitCode !== null) continue;
        process.kill(-(copy.pid ?? NaN), 'SIGKILL');
        await eventually(() => !isCopying(), 'the end of the copy');
        const added = files().filter((file) => !before.includes(file));
        assert.deepEqual(
          added.filter((file) => file !== basename(place)),
          [],
          `${source} to ${name}:${place}`,
        );
        isSeen = added.length === 0; // Else it was whole before the signal came.
      }
    }
  }
});

for (const driver of ['overlay', 'fuse-overlayfs']) {
  test(`a copy of which every process is killed goes with the next command on the container: ${driver}`, async (t) => {
    const tspod = await twoContainers(t, { TSPOD_STORAGE_DRIVER: driver });
    const volume = await tspod.ok('volume', 'inspect', '--format', '{{.Mountpoint}}', 'v');
    const root = async (name: string) =>
      join(tspod.store, 'containers', await tspod.ok('inspect', '--format', '{{.Id}}', name), 'upper');
    const deep = ['--transform=s,^,new/deep/,'];
    for (const [name, target, options, directory, ...next] of [
      ['up', '/', [], await root('up'), 'cp', 'file', 'up:/tmp'],
      ['up', '/', deep, await root('up'), 'cp', 'up:/etc/passwd', '-'],
      ['down', '/vol', deep, volume, 'cp', 'down:/etc/passwd', '-'],
      ['down', '/vol', [], volume, 'start', 'down'],
      ['up', '/vol', [], volume, 'rm', '-f', '--time', '0', 'up'],
    ] as const) {
      await tspod.ok('cp', 'file', `${name}:/`);
      const copy = tspod.start('cp', '-', `${name}:${target}`);
      copy.stdin.on('error', () => undefined);
      copy.stdin.write(execFileSync('tar', ['-c', '-C', tspod.folder, ...options, 'file']).subarray(0, 512 + 2));
      const staged = await eventually(() => findStaged(directory), 'a file that is not whole');
      const record = staged.replace('.top', '');
      // The youngest first: a stopped process goes on when its group is orphaned, and clears up: setpgid(2).
      const pids = [copy.pid ?? NaN, ...findProcesses((words) => words.includes(record))].reverse();
      for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of pids) process.kill(pid, signal);
      await once(copy, 'close');
      assert.ok(findStaged(directory) !== undefined, 'it is left');
      await tspod.ok(...next);
      assert.equal(findStaged(directory), undefined, next.join(' '));
    }
  });
}

test('a user of the container cannot make another file setuid under cp', async (t) => {
  const tspod = await tspodWithBusybox(t);
  writeFileSync(join(tspod.folder, 'suid'), Buffer.alloc(4 << 20), { mode: 0o755 });
  chmodSync(join(tspod.folder, 'suid'), 0o4755);
  const archive = execFileSync('tar', ['-c', '-C', tspod.folder, 'suid'], { maxBuffer: 8 << 20 });
  const script = 'mkdir /u; chown 1000 /u; cp /bin/busybox /victim; chmod 755 /victim; touch /ready; exec sleep 1000';
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', script);
  await eventually(async () => (await tspod('exec', 'c', 'test', '-e', '/ready')).exitCode === 0, 'the files');
  const copy = tspod.start('cp', '-', 'c:/u');
  copy.stdin.write(archive.subarray(0, 3 << 20));
  const name = () => tspod.ok('exec', 'c', 'ls', '-A', '/u');
  await eventually(async () => (await name()) !== '', 'the file that is written');
  const staged = join('/u', await name());
  await tspod.ok('exec', '--user', '1000', 'c', 'sh', '-c', `rm -f ${staged}; ln -s /victim ${staged}`);
  copy.stdin.end(archive.subarray(3 << 20));
  await once(copy, 'close');
  assert.equal(await tspod.ok('exec', 'c', 'stat', '-c', '%a', '/victim'), '755');
});

test('a user of the container cannot have cp write elsewhere by a symlink in place of a directory', async (t) => {
  const tspod = await tspodWithBusybox(t);
  mkdirSync(join(tspod.folder, 'd'));
  for (const name of ['d/first', 'd/second', 'between']) writeFileSync(join(tspod.folder, name), Buffer.alloc(4 << 20));
  const order = ['d', 'd/first', 'between', 'd/second'];
  const archive = execFileSync('tar', ['-c', '-C', tspod.folder, '--no-recursion', ...order], { maxBuffer: 16 << 20 });
  const script = 'mkdir /u /victim; chown 1000 /u; touch /ready; exec sleep 1000';
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', script);
  await eventually(async () => (await tspod('exec', 'c', 'test', '-e', '/ready')).exitCode === 0, 'the files');
  const copy = tspod.start('cp', '-', 'c:/u');
  copy.stdin.on('error', () => undefined);
  copy.stdin.write(archive.subarray(0, 5 << 20));
  await eventually(async () => (await tspod('exec', 'c', 'test', '-e', '/u/d/first')).exitCode === 0, 'the directory');
  await tspod.ok('exec', '--user', '1000', 'c', 'sh', '-c', 'mv /u/d /u/old; ln -s /victim /u/d');
  const said = copy.stderr.toArray();
  copy.stdin.end(archive.subarray(5 << 20));
  const [exitCode] = (await once(copy, 'close')) as [number];
  assert.equal(await tspod.ok('exec', 'c', 'ls', '-A', '/victim'), '');
  assert.equal(exitCode, 125);
  assert.match(Buffer.concat((await said) as Buffer[]).toString(), /at "d\/second": too many levels of symbolic links/);
});

test('what packs files ends with a cp that is killed, while nobody reads', async (t) => {
  const tspod = await tspodWithBusybox(t);
  writeFileSync(join(tspod.folder, 'large'), Buffer.alloc(4 << 20));
  await tspod.ok('create', '--name', 'down', 'busybox');
  await tspod.ok('cp', 'large', 'down:/');
  const packers = () => findProcesses((words) => words.includes(tspod.store) && words.includes('\0pack\0'));
  execFileSync('mkfifo', [join(tspod.folder, 'fifo')]);
  const fifo = openSync(join(tspod.folder, 'fifo'), 'r+');
  t.after(() => closeSync(fifo));
  const copy = spawn(tspod.program, ['cp', 'down:/large', '-'], { env: tspod.env, stdio: ['ignore', fifo, 'ignore'] });
  await eventually(() => packers().length > 0, 'an archive');
  copy.kill('SIGKILL');
  await eventually(() => packers().length === 0, 'its end');
});

/** The name of a file below a directory that stands for one that is not whole. */
function findStaged(directory: string): string | undefined {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.map((name) => basename(name)).find((name) => name.startsWith('.tspod-cp.'));
}
