import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('create, start, stop, start, restart, rm: the status follows', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const status = () => tspod.ok('inspect', '--format', '{{.State.Status}}', 'c');
  await tspod.ok('create', '--name', 'c', '--network', 'none', '--stop-timeout', '0', 'busybox', 'sleep', '1000');
  assert.equal(await status(), 'created');
  assert.equal(await tspod.ok('start', 'c'), 'c');
  assert.equal(await status(), 'running');
  assert.equal(await tspod.ok('stop', 'c'), 'c');
  assert.equal(await status(), 'exited');
  await tspod.ok('start', 'c');
  const first = await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c');
  await tspod.ok('restart', 'c');
  assert.notEqual(await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c'), first);
  assert.equal(await status(), 'running');
  assert.equal((await tspod('rm', 'c')).exitCode, 2, 'a running container is not removed without --force');
  await tspod.ok('rm', '--force', '--time', '0', 'c');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('run -d prints the id, ps the short id, the image, the command and the name', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, '--name', 'c', 'busybox', 'sleep', '1000');
  assert.match(id, /^[0-9a-f]{64}$/);
  const [header, line = ''] = (await tspod.ok('ps')).split('\n');
  assert.match(header ?? '', /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
  assert.match(line, new RegExp(`^${id.slice(0, 12)} +localhost/busybox:latest +sleep 1000 .*Up .* c$`));
});

test('a container is found by its name, its id, and a part of its id that is unique', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', '--name', 'c', 'busybox');
  for (const name of ['c', id, id.slice(0, 12), id.slice(0, 4)]) {
    assert.equal(await tspod.ok('inspect', '--format', '{{.Id}}', name), id);
  }
});

test('run --rm leaves nothing, run without it leaves the container and its log', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', 'one');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  await tspod.ok('run', '--name', 'kept', '--network', 'none', 'busybox', 'echo', 'two');
  assert.equal(await tspod.ok('logs', 'kept'), 'two');
});

test('run -d --rm removes the container when it ends', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--rm', 'busybox', 'sleep', '1');
  await eventually(async () => (await tspod.ok('ps', '--all', '--quiet')) === '', 'the container is removed');
});

test('a container of --rm goes with its volumes when its start fails', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const start of [['start'], ['start', '--attach'], ['restart']]) {
    await tspod.ok('create', '--rm', '--name', 'c', '--network', 'none', '-v', '/data', 'busybox', 'no-such-command');
    assert.match((await tspod(...start, 'c')).stderr, /^Error: .*"no-such-command"/);
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
    assert.equal(await tspod.ok('volume', 'ls', '--quiet'), '');
  }
});

test('but not while another needs it: then it can be started once what was in the way is gone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const volume = ['-v', `${tspod.folder}:/host`];
  await tspod.ok('create', '--rm', '--name', 'c', '--network', 'none', ...volume, 'busybox', '/host/command');
  await tspod.ok('create', '--name', 'above', '--requires', 'c', '--network', 'none', 'busybox', 'true');
  for (const name of ['above', 'c']) assert.equal((await tspod('start', name)).exitCode, 125);
  assert.equal(
    await tspod.ok('ps', '--all', '--format', '{{.Names}} {{.State}}', '--sort', 'names'),
    'above created\nc created',
  );
  writeFileSync(join(tspod.folder, 'command'), '#!/bin/sh\necho it runs\nsleep 1000', { mode: 0o755 });
  await tspod.ok('start', 'c');
  await eventually(async () => (await tspod.ok('logs', 'c')) === 'it runs', 'it runs');
});

test('stop sends the stop signal and kills after the timeout', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const trap = 'trap "exit 3" USR1; echo ready; while :; do sleep 0.1; done';
  await tspod.ok(...detached, '--name', 'polite', '--stop-signal', 'USR1', 'busybox', 'sh', '-c', trap);
  await eventually(async () => (await tspod.ok('logs', 'polite')) === 'ready', 'the trap is set');
  await tspod.ok('stop', 'polite');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.ExitCode}}', 'polite'), '3');

  await tspod.ok(
    ...detached,
    '--name',
    'deaf',
    '--stop-timeout',
    '1',
    'busybox',
    'sh',
    '-c',
    'trap "" TERM; while :; do sleep 0.1; done',
  );
  await tspod.ok('stop', 'deaf');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.ExitCode}}', 'deaf'), '137');
});

test('run --init puts an init before the command, which reaps and forwards signals', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const name = await tspod.ok(
    'run',
    '--rm',
    '--init',
    '--network',
    'none',
    'busybox',
    'sh',
    '-c',
    'cat /proc/1/comm; echo $$',
  );
  assert.doesNotMatch(name, /^sh$/m);
  await tspod.ok(...detached, '--init', '--name', 'c', 'busybox', 'sleep', '1000');
  await tspod.ok('stop', '--time', '100', 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.ExitCode}}', 'c'), '143');
});

test('run --cidfile writes the id, and refuses a file that exists', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const file = join(tspod.folder, 'cid');
  const id = await tspod.ok(...detached, '--cidfile', file, 'busybox', 'true');
  assert.equal(readFileSync(file, 'utf8').trim(), id);
  const { exitCode, stderr } = await tspod(...detached, '--cidfile', file, 'busybox', 'true');
  assert.equal(exitCode, 125);
  assert.match(stderr, /cid"/);
});

test('inspect has the form of Podman', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(
    'create',
    '--name',
    'c',
    '--env',
    'A=b',
    '--label',
    'k=v',
    '--workdir',
    '/tmp',
    '--annotation',
    'note=x',
    'busybox',
    'sleep',
    '1',
  );
  const [container] = JSON.parse(await tspod.ok('inspect', 'c')) as Record<string, never>[];
  const { Id, Name, Path, Args, ImageName, Config } = container as unknown as {
    Id: string;
    Name: string;
    Path: string;
    Args: string[];
    ImageName: string;
    Config: { Env: string[]; Labels: Record<string, string>; WorkingDir: string; Annotations: Record<string, string> };
  };
  assert.deepEqual([Id, Name, Path, Args, ImageName], [id, 'c', 'sleep', ['1'], 'localhost/busybox:latest']);
  assert.ok(Config.Env.includes('A=b'));
  assert.deepEqual([Config.Labels, Config.WorkingDir], [{ k: 'v' }, '/tmp']);
  assert.equal(Config.Annotations['note'], 'x');
});

test("entrypoint, command, workdir, env and env-file are the user's before the image's", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const run = (...args: string[]) => tspod.ok('run', '--rm', '--network', 'none', ...args);
  assert.equal(await run('--entrypoint', 'echo', 'busybox', 'a', 'b'), 'a b');
  assert.equal(await run('--entrypoint', '["echo","x"]', 'busybox', 'a'), 'x a');
  assert.equal(await run('-w', '/tmp', 'busybox', 'pwd'), '/tmp');
  writeFileSync(join(tspod.folder, 'env'), '# comment\nFROM_FILE=1\nBOTH=file\nHOME_COPY\n');
  const script = 'echo $FROM_FILE $BOTH $PATH $container';
  assert.equal(
    await run('--env-file', join(tspod.folder, 'env'), '-e', 'BOTH=flag', 'busybox', 'sh', '-c', script),
    '1 flag /bin:/usr/bin tspod'.replace('tspod', 'podman'),
  );
});

for (const network of ['none', 'slirp4netns', 'pasta']) {
  const skip = network === 'none' ? false : missing('tun', `program:${network}`);
  test(
    `a root file system that cannot be mounted is told as that, with the network ${network}`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      const { exitCode, stderr } = await tspod('run', '--rm', '--network', network, '--rootfs', '/:O', 'true');
      assert.equal(exitCode, 125);
      assert.match(stderr, /^Error: the kernel cannot overlay at /);
    },
  );
}

test('run --rootfs runs a directory', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { mkdirSync, copyFileSync } = await import('node:fs');
  const { busyboxPath } = await import('../support/busybox.ts');
  mkdirSync(join(tspod.folder, 'root/bin'), { recursive: true });
  copyFileSync(busyboxPath() ?? '', join(tspod.folder, 'root/bin/busybox'));
  assert.equal(
    await tspod.ok(
      'run',
      '--rm',
      '--network',
      'none',
      '--rootfs',
      join(tspod.folder, 'root'),
      '/bin/busybox',
      'echo',
      'hi',
    ),
    'hi',
  );
  assert.ok(existsSync(join(tspod.folder, 'root/bin/busybox')));
});

test('run --preserve-fds gives the container what is open, and nothing else', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { execFileSync } = await import('node:child_process');
  const shell = (script: string) =>
    execFileSync('bash', ['-c', script, tspod.program], { env: tspod.env, encoding: 'utf8' }).trim();
  assert.equal(
    shell('exec 3< <(echo three); "$0" run --rm --network none --preserve-fds 1 busybox cat /proc/self/fd/3'),
    'three',
  );
  assert.equal(
    shell('exec 3</dev/null 9</dev/null; "$0" run --rm --network none busybox sh -c "cd /proc/self/fd; echo *"')
      .split(' ')
      .filter((fd) => Number(fd) < 10)
      .join(' '),
    '0 1 2 3',
    'the third is the directory itself',
  );
  for (const opened of ['exec 3<&-', 'exec 3</dev/null']) {
    const script = `${opened}; "$0" run --rm --network none --preserve-fds 2 busybox true 2>&1 || echo $?`;
    assert.match(
      shell(script),
      /^Error: --preserve-fds 2 wants the descriptor [34], which is not open\n.*3<FILE\n125$/,
    );
  }
  shell('exec 3</dev/null; "$0" run -d --name c --network none --preserve-fds 1 busybox sleep 1000');
  await tspod.ok('restart', '--time', '0', 'c');
  assert.equal(await tspod.ok('exec', 'c', 'sh', '-c', 'cd /proc/1/fd; echo *'), '0 1 2', 'none of ours after a start');
});

test('run and start give the container the sockets of a systemd unit, and nothing to what it needs', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { spawnSync } = await import('node:child_process');
  const shell = (script: string) =>
    spawnSync('bash', ['-c', script, tspod.program], { env: tspod.env, encoding: 'utf8' }).stdout.trim();
  const run = '"$0" run --rm --network none';
  const show = `sh -c 'cd /proc/self/fd; for fd in 3 4; do [ ! -e $fd ] || cat $fd; done; env | grep ^LISTEN | sort'`;
  const opened = 'exec 3< <(echo three) 4< <(echo four)';
  const sockets = 'LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:api';
  assert.equal(
    shell(`${opened}; ${sockets} exec ${run} --env LISTEN_FDS=9 busybox ${show}`),
    'three\nfour\nLISTEN_FDNAMES=web:api\nLISTEN_FDS=2\nLISTEN_PID=1',
  );
  assert.equal(shell(`${opened}; ${sockets} exec ${run} --preserve-fds 1 busybox ${show}`), 'three');
  assert.equal(shell(`${opened}; LISTEN_PID=1 LISTEN_FDS=2 exec ${run} busybox ${show}`), '', "another's");
  assert.match(
    shell(`exec 3</dev/null; LISTEN_PID=$$ LISTEN_FDS=2 exec ${run} busybox ${show} 2>&1`),
    /^Error: LISTEN_FDS "2" wants the descriptor 4, which is not open\n.*env -u LISTEN_FDS tspod/,
  );
  await tspod.ok('create', '--name', 'needed', '--network', 'none', 'busybox', 'sleep', '1000');
  shell(`"$0" create --name c --requires needed --network none busybox ${show}`);
  const started = shell(`${opened}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" start --attach c`);
  assert.equal(started, 'three\nLISTEN_FDS=1\nLISTEN_PID=1');
  const left = 'cd /proc/1/fd; echo *; grep -c LISTEN /proc/1/environ';
  assert.equal((await tspod('exec', 'needed', 'sh', '-c', left)).stdout, '0 1 2\n0');
  assert.equal((await tspod('start', '--attach', 'c')).stdout, '', 'they were those of that one start');
});

test('ids are not confused with the words of the command line after IMAGE', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(
    await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', '-d', '--rm', '--', '-x'),
    '-d --rm -- -x',
  );
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

test('init writes the runtime spec and the files that the container will see, and starts nothing', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--hostname', 'h', '--network', 'none', 'busybox', 'sleep', '7');
  assert.equal(await tspod.ok('init', 'c'), 'c');
  const path = await tspod.ok('inspect', '--format', '{{.OCIConfigPath}}', 'c');
  const spec = JSON.parse(readFileSync(path, 'utf8')) as { hostname: string; process: { args: string[] } };
  assert.deepEqual([spec.hostname, spec.process.args], ['h', ['sleep', '7']]);
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}}', 'c'), 'initialized');
  assert.equal(
    await tspod.ok('ps', '--all', '--filter', 'status=initialized', '--format', '{{.Status}}'),
    'Initialized',
  );
  assert.match((await tspod('init', 'c')).stderr, /it is initialized\n {2}try: tspod start c/);
  await tspod.ok('start', 'c');
  assert.equal((await tspod('init', 'c')).exitCode, 125, 'it runs');
  await tspod.ok('stop', '--time', '0', 'c');
  await tspod.ok('init', 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'c'), 'initialized 0');
  await tspod.ok('rm', 'c');
});
