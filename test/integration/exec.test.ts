import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

async function withContainer(t: Parameters<typeof tspodWithBusybox>[0], ...options: string[]) {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', ...options, 'busybox', 'sleep', '1000');
  return tspod;
}

test('exec runs in the namespaces, the root and the cgroup of the container', async (t) => {
  const tspod = await withContainer(t);
  const script =
    'for n in user pid mnt net ipc uts cgroup; do test "$(readlink /proc/1/ns/$n)" = "$(readlink /proc/self/ns/$n)" || echo $n; done; cat /proc/1/comm';
  assert.equal(await tspod.ok('exec', 'c', 'sh', '-c', script), 'sleep');
});

test("exec has the container's environment, directory, user and capabilities, unless told otherwise", async (t) => {
  const tspod = await withContainer(t, '-e', 'A=container', '-w', '/tmp', '--user', 'www');
  assert.equal(await tspod.ok('exec', 'c', 'sh', '-c', 'echo $A; pwd; id -u'), 'container\n/tmp\n1234');
  assert.equal(
    await tspod.ok('exec', '-e', 'A=exec', '-w', '/', '-u', 'root', 'c', 'sh', '-c', 'echo $A; pwd; id -u'),
    'exec\n/\n0',
  );
  assert.equal(
    await tspod.ok('exec', '-u', 'root', 'c', 'sh', '-c', 'grep CapEff /proc/self/status | cut -f2'),
    '00000000800405fb',
  );
  assert.equal(await tspod.ok('exec', 'c', 'sh', '-c', 'grep Seccomp: /proc/self/status | cut -f2'), '2');
});

test('exec --latest and exec --cidfile enter a container that is not named', async (t) => {
  const tspod = await withContainer(t, '--hostname', 'by-file', '--cidfile', 'id');
  await tspod.ok('run', '-d', '--network', 'none', '--hostname', 'by-age', 'busybox', 'sleep', '1000');
  assert.equal(await tspod.ok('exec', '-l', 'hostname'), 'by-age');
  assert.equal(await tspod.ok('exec', '--latest', 'sh', '-c', 'hostname'), 'by-age');
  assert.equal(await tspod.ok('exec', '--cidfile', 'id', 'hostname'), 'by-file');
  const both = await tspod('exec', '--latest', '--cidfile', 'id', 'hostname');
  assert.equal(both.exitCode, 125);
  assert.match(both.stderr, /--all, --latest and --cidfile exclude each other/);
});

test('exec keeps the streams apart and reads standard input only with -i', async (t) => {
  const tspod = await withContainer(t);
  const both = await tspod('exec', 'c', 'sh', '-c', 'echo out; echo err >&2');
  assert.deepEqual([both.stdout, both.stderr], ['out', 'err']);
  assert.equal((await tspod.withInput('typed', 'exec', '-i', 'c', 'cat')).stdout, 'typed');
  assert.equal((await tspod.withInput('typed', 'exec', 'c', 'cat')).stdout, '');
});

test('exec -d returns at once and the process goes on', async (t) => {
  const tspod = await withContainer(t);
  await tspod.ok('exec', '-d', 'c', 'sh', '-c', 'sleep 0.5; touch /done');
  await eventually(
    async () => (await tspod('exec', 'c', 'test', '-e', '/done')).exitCode === 0,
    'the detached process has finished',
  );
});

test('exec -d prints the id of the session, which inspect lists while it runs', async (t) => {
  const tspod = await withContainer(t);
  const ids = async () => JSON.parse(await tspod.ok('inspect', '--format', '{{json .ExecIDs}}', 'c')) as string[];
  assert.deepEqual(await ids(), []);
  const id = await tspod.ok('exec', '-d', 'c', 'sleep', '1000');
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.deepEqual(await ids(), [id]);
  await tspod.ok('exec', 'c', 'sh', '-c', 'for p in $(pidof sleep); do test $p = 1 || kill -9 $p; done');
  await eventually(async () => (await ids()).length === 0, 'the session has ended');
});

test('exec --preserve-fds passes descriptors on', async (t) => {
  const tspod = await withContainer(t);
  const script = 'exec 3</etc/hostname; "$0" exec --preserve-fds 1 c sh -c "cat <&3"';
  const child = spawnSync('sh', ['-c', script, tspod.program], { env: tspod.env, encoding: 'utf8' });
  assert.equal(child.stdout, readFileSync('/etc/hostname', 'utf8'), child.stderr);
  for (const count of ['1', '2', '61']) {
    const { exitCode, stderr } = await tspod('exec', '--preserve-fds', count, 'c', 'true');
    assert.equal(exitCode, 125);
    assert.match(stderr, /the descriptor 3, which is not open/);
  }
});

test('fifty exec sessions at once, each with its own streams', async (t) => {
  const tspod = await withContainer(t);
  const sessions = Array.from({ length: 50 }, () => tspod.start('exec', '-i', 'c', 'cat'));
  const echoes = sessions.map(async (session, n) => {
    session.stdin.write(`${String(n)}\n`);
    const [text] = (await once(session.stdout, 'data')) as [Buffer];
    return text.toString().trim();
  });
  assert.deepEqual(
    await Promise.all(echoes),
    Array.from({ length: 50 }, (_, n) => String(n)),
  );
  const running = JSON.parse(await tspod.ok('inspect', '--format', '{{json .ExecIDs}}', 'c')) as string[];
  assert.equal(running.length, 50);
  const ended = sessions.map(async (session) => (await once(session, 'close'))[0] as number);
  for (const session of sessions) session.stdin.end();
  assert.deepEqual(new Set(await Promise.all(ended)), new Set([0]));
});

test('execs one after the other leave nothing behind', async (t) => {
  const tspod = await withContainer(t);
  const id = await tspod.ok('inspect', '--format', '{{.Id}}', 'c');
  const files = () => [tspod.store, tspod.runtime].map((root) => readdirSync(join(root, 'containers', id)).sort());
  const before = files();
  for (let n = 0; n < 30; n += 1) await tspod.ok('exec', 'c', 'sh', '-c', `test ${String(n)} -ge 0 & wait`);
  assert.deepEqual(files(), before);
  assert.equal(await tspod.ok('inspect', '--format', '{{len .ExecIDs}}', 'c'), '0');
  assert.equal((await tspod.ok('top', 'c', 'pid')).split('\n').length, 2);
});

test('a container that is full of exec sessions says so, and can be stopped', async (t) => {
  const tspod = await withContainer(t);
  const sessions = Array.from({ length: 128 }, () => tspod.start('exec', '-i', 'c', 'cat'));
  const ended = Promise.all(sessions.map((session) => once(session, 'close')));
  const count = async () => Number(await tspod.ok('inspect', '--format', '{{len .ExecIDs}}', 'c'));
  await eventually(async () => (await count()) === 128, 'all sessions run');
  const { exitCode, stderr } = await tspod('exec', 'c', 'true');
  assert.equal(exitCode, 125);
  assert.match(stderr, /128 exec sessions at once/);
  await tspod.ok('stop', '--time', '0', 'c');
  await ended;
});

test('exec in a container that does not run says so', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', 'busybox');
  const { exitCode, stderr } = await tspod('exec', 'c', 'true');
  assert.equal(exitCode, 255);
  assert.match(stderr, /running/);
});

test('a signal ends an exec, and its process goes on', async (t) => {
  const tspod = await withContainer(t);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const session = tspod.start('exec', 'c', 'sh', '-c', 'echo ready; trap "" PIPE; exec sleep 1001');
    const ended = once(session, 'exit');
    await once(session.stdout, 'data');
    session.kill(signal);
    assert.deepEqual(await ended, [null, signal]);
  }
  assert.equal((await tspod.ok('exec', 'c', 'ps')).split('sleep 1001').length, 4);
});

test('an exec ends with its container', async (t) => {
  const tspod = await withContainer(t);
  const session = tspod('exec', 'c', 'sleep', '1000');
  await eventually(
    async () => (await tspod.ok('exec', 'c', 'ps')).split('sleep 1000').length === 3,
    'the second sleep runs',
  );
  await tspod.ok('stop', '--time', '0', 'c');
  assert.equal((await session).exitCode, 137);
});

test('twenty execs at once', async (t) => {
  const tspod = await withContainer(t);
  const results = await Promise.all(Array.from({ length: 20 }, (_, n) => tspod.ok('exec', 'c', 'echo', String(n))));
  assert.deepEqual(
    results,
    Array.from({ length: 20 }, (_, n) => String(n)),
  );
});

test('exec gets along with --oom-score-adj of the container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const flags = ['--name', 'c', '--network', 'none', '--oom-score-adj', '100'];
  await tspod.ok('run', '-d', ...flags, 'busybox', 'sleep', '1000');
  assert.equal(await tspod.ok('exec', 'c', 'cat', '/proc/1/oom_score_adj', '/proc/self/oom_score_adj'), '100\n100');
  const pid = await tspod.ok('inspect', '--format', '{{.State.ConmonPid}}', 'c');
  const own = readFileSync('/proc/self/oom_score_adj', 'utf8');
  assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'), own, 'the monitor has borrowed it only');
});

test('an --oom-score-adj below that of the caller stays that of the caller', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const own = readFileSync('/proc/self/oom_score_adj', 'utf8').trim();
  const flags = ['--rm', '--network', 'none', '--oom-score-adj', '-1000'];
  assert.equal(await tspod.ok('run', ...flags, 'busybox', 'cat', '/proc/self/oom_score_adj'), own);
});
