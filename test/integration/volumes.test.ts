import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { busyboxImage, type TestImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

async function withShare(t: TestContext) {
  const tspod = await tspodWithBusybox(t);
  const share = join(tspod.folder, 'share');
  mkdirSync(share);
  writeFileSync(join(share, 'file'), 'host\n');
  return { tspod, share };
}

test("a bind mount shows the host's files, and what the container writes", async (t) => {
  const { tspod, share } = await withShare(t);
  assert.equal(
    await tspod.ok(...run, '-v', `${share}:/data`, 'busybox', 'sh', '-c', 'cat /data/file; echo box >/data/new'),
    'host',
  );
  assert.equal(readFileSync(join(share, 'new'), 'utf8'), 'box\n');
});

test('a read-only bind mount refuses writes, by -v and by --mount', async (t) => {
  const { tspod, share } = await withShare(t);
  for (const option of [
    ['-v', `${share}:/data:ro`],
    ['--mount', `type=bind,source=${share},target=/data,readonly`],
    ['--mount', `type=bind,src=${share},dst=/data,ro=true`],
  ]) {
    const { exitCode, stderr } = await tspod(...run, ...option, 'busybox', 'touch', '/data/x');
    assert.equal(exitCode, 1);
    assert.match(stderr, /Read-only file system/);
  }
});

test('a single file can be mounted, also over one of the image', async (t) => {
  const { tspod, share } = await withShare(t);
  assert.equal(
    await tspod.ok(...run, '-v', `${join(share, 'file')}:/etc/passwd:ro,z`, 'busybox', 'cat', '/etc/passwd'),
    'host',
  );
  assert.equal(
    await tspod.ok(...run, '-v', `${join(share, 'file')}:/new/place/file`, 'busybox', 'cat', '/new/place/file'),
    'host',
  );
});

test('bind options are those of mount(8)', async (t) => {
  const { tspod, share } = await withShare(t);
  const line = await tspod.ok(
    ...run,
    '-v',
    `${share}:/data:noexec,nodev,nosuid,rprivate,Z`,
    'busybox',
    'grep',
    ' /data ',
    '/proc/mounts',
  );
  for (const option of ['noexec', 'nodev', 'nosuid']) assert.match(line, new RegExp(`\\b${option}\\b`));
});

test('a named volume keeps its files from one container to the next', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...run, '-v', 'data:/data', 'busybox', 'sh', '-c', 'echo kept >/data/file');
  assert.equal(await tspod.ok(...run, '-v', 'data:/elsewhere', 'busybox', 'cat', '/elsewhere/file'), 'kept');
});

test(
  'a new volume is filled with what the image has there, with owner and mode, once',
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { busyboxRoot } = await import('../support/busybox.ts');
    const site = [
      { path: 'site/', type: 'directory', uid: 1234, gid: 1234, mode: 0o750 },
      { path: 'site/index.html', content: 'hello\n', uid: 1234, gid: 1234 },
    ] as const;
    await tspod.load({ layers: [[...busyboxRoot(), ...site]] }, 'localhost/site:latest');
    const look = (volume: string) =>
      tspod.ok(
        ...run,
        '-v',
        `${volume}:/site`,
        'localhost/site',
        'sh',
        '-c',
        'stat -c "%a %u" /site; cat /site/index.html; echo changed >/site/index.html',
      );
    assert.equal(await look('v'), '750 1234\nhello');
    assert.equal(await look('v'), '750 1234\nchanged');
    assert.equal(await look('other'), '750 1234\nhello');
  },
);

test('an anonymous volume goes with its container', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...run, '-v', '/data', 'busybox', 'touch', '/data/x');
  const { readdirSync, existsSync } = await import('node:fs');
  const volumes = join(tspod.store, 'volumes');
  assert.deepEqual(existsSync(volumes) ? readdirSync(volumes) : [], []);
});

test('--mount type=tmpfs and type=volume', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const line = await tspod.ok(
    ...run,
    '--mount',
    'type=tmpfs,destination=/t,tmpfs-size=1m',
    'busybox',
    'grep',
    ' /t ',
    '/proc/mounts',
  );
  assert.match(line, /^tmpfs \/t tmpfs .*size=1024k/);
  await tspod.ok(...run, '--mount', 'type=volume,source=v,destination=/v', 'busybox', 'touch', '/v/x');
  assert.equal(await tspod.ok(...run, '-v', 'v:/v', 'busybox', 'ls', '/v'), 'x');
});

test('two mounts on one place are refused', async (t) => {
  const { tspod, share } = await withShare(t);
  const { exitCode, stderr } = await tspod(...run, '-v', `${share}:/data`, '--tmpfs', '/data', 'busybox', 'true');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"\/data"/);
});

test(
  'the option O lets the container write and leaves the directory as it is',
  { skip: missing('overlay') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const source = join(tspod.folder, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'kept'), 'old');
    const script = 'ls /x; echo new >/x/kept; touch /x/more; cat /x/kept';
    await tspod.ok('create', '--name', 'c', '--network', 'none', '-v', `${source}:/x:O`, 'busybox', 'sh', '-c', script);
    for (let start = 0; start < 2; start++) assert.equal(await tspod.ok('start', '--attach', 'c'), 'kept\nnew');
    assert.deepEqual(readdirSync(source), ['kept']);
    assert.equal(readFileSync(join(source, 'kept'), 'utf8'), 'old');
  },
);

test("the option U gives a directory to the container's user", { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const source = join(tspod.folder, 'source');
  mkdirSync(join(source, 'below'), { recursive: true });
  const owner = ['busybox', 'stat', '-c', '%u:%g', '/x', '/x/below'];
  const run = ['run', '--rm', '--network', 'none', '-v', `${source}:/x:U`];
  assert.equal(await tspod.ok(...run, '--user', 'www', ...owner), '1234:1234\n1234:1234');
  assert.equal(await tspod.ok(...run, '--user', '33:44', '--userns', 'keep-id', ...owner), '33:44\n33:44');
  assert.equal(await tspod.ok(...run, ...owner), '0:0\n0:0');
  const refused = await tspod(...run, '--user', 'stranger', ...owner);
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /"stranger"/);
});

test('--tmpfs takes the owner, a propagation, and limits of the kernel', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const show = ['busybox', 'sh', '-c', 'stat -c %u:%g:%a /t; grep " /t " /proc/self/mountinfo'];
  const run = async (tmpfs: string) =>
    await tspod.ok('run', '--rm', '--network', 'none', '--user', '5', '--tmpfs', tmpfs, ...show);
  assert.match(await run('/t:U,mode=0700,nr_inodes=10k,nr_blocks=4k'), /^5:0:700\n.* - tmpfs .*nr_inodes=10240/);
  assert.match(await run('/t:rprivate,ro'), /^0:0:1777\n.* ro,nosuid,nodev,relatime - tmpfs/);
  assert.match(await run('/t:rslave'), /nosuid,nodev,relatime - tmpfs/);
  assert.match(await run('/t:shared'), / shared:\d+ - tmpfs/);
  assert.match(await run('/t:unbindable,exec,dev,suid'), / rw,relatime unbindable - tmpfs/);
  const { exitCode, stderr } = await tspod('run', '--rm', '--tmpfs', '/t:ro,rw', ...show);
  assert.deepEqual([exitCode, /"ro" and "rw" exclude each other/.test(stderr)], [125, true]);
});

test("the option U gives a tmpfs to the container's user", { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const show = ['busybox', 'sh', '-c', 'touch /t/file && stat -c %u:%g:%a /t'];
  const run = ['run', '--rm', '--network', 'none', '--mount', 'type=tmpfs,target=/t,tmpfs-mode=0700,U'];
  assert.equal(await tspod.ok(...run, '--user', 'www', ...show), '1234:1234:700');
  assert.equal(await tspod.ok(...run, '--user', '33:44', '--userns', 'keep-id', ...show), '33:44:700');
  assert.equal(await tspod.ok(...run, '--userns', 'auto', ...show), '0:0:700');
  const refused = await tspod(...run, '--user', 'stranger', ...show);
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /"stranger"/);
  const given = await tspod('run', '--rm', '--mount', 'type=tmpfs,target=/t,z', ...show);
  assert.equal(given.exitCode, 125);
  assert.match(given.stderr, /a mount of type tmpfs has no option "z"/);
});

test(
  "a new volume is the first container's user's, whatever its user namespace",
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const show = ['busybox', 'sh', '-c', 'touch /new/file && stat -c %u:%g /new'];
    assert.equal(await tspod.ok(...run, '-v', 'a:/new', '--user', '33:44', ...show), '33:44');
    assert.equal(await tspod.ok(...run, '-v', 'a:/new', ...show), '33:44'); // It is not new any more.
    assert.equal(await tspod.ok(...run, '-v', 'b:/new', '--userns', 'auto', ...show), '0:0');
    assert.equal(await tspod.ok(...run, '-v', 'c:/new', '--uidmap', '0:1:2000', '--user', 'www', ...show), '1234:1234');
    assert.equal(await tspod.ok(...run, '-v', 'd:/new', '--userns', 'keep-id', ...show), ownIds());
    assert.equal(
      await tspod.ok(...run, '-v', 'e:/tmp', '--user', 'www', 'busybox', 'stat', '-c', '%u:%g', '/tmp'),
      '0:0',
    ); // The image's.
  },
);

function ownIds(): string {
  const { uid, gid } = userInfo();
  return `${String(uid)}:${String(gid)}`;
}

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

test('volume rm against create: the volume is there for the container, or was made anew', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (let round = 0; round < 8; round++) {
    await tspod.ok('volume', 'create', 'data');
    const [created, removed] = await Promise.all([
      tspod('create', '--name', 'c', '--network', 'none', '-v', 'data:/data', 'busybox', 'touch', '/data/file'),
      tspod('volume', 'rm', 'data'),
    ]);
    assert.equal(created.exitCode, 0, created.stderr);
    assert.match(removed.stderr, /^$|^Error: volume data is being used/);
    await tspod.ok('start', '--attach', 'c');
    assert.equal(await tspod.ok('volume', 'ls', '--quiet'), 'data');
    await tspod.ok('rm', 'c');
    await tspod.ok('volume', 'rm', 'data');
  }
});

test('of a passwd file without an end the beginning is read', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const image = busyboxImage();
  const line = 'www:x:1234:1234::/:/bin/sh\n';
  const size = String(3 * 2 ** 30);
  const passwd = {
    path: 'etc/passwd',
    content: line,
    pax: { 'GNU.sparse.size': size, 'GNU.sparse.map': `0,${String(line.length)}` },
  };
  await tspod.load({ ...image, layers: [...image.layers, [passwd]] }, 'localhost/endless');
  const run = ['run', '--rm', '--network', 'none', '--user', 'www', '-v', 'data:/data', 'localhost/endless'];
  assert.equal(await tspod.ok(...run, 'stat', '-c', '%u', '/data'), '1234');
});
