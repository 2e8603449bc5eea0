import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];
const SYSTEMD = '/usr/lib/systemd/systemd';

/** What systemd does first: into a cgroup below its own, and controllers for those beside it. */
const divide = `cd /sys/fs/cgroup && mkdir -p init.scope system.slice/a.service && echo 1 >init.scope/cgroup.procs &&
  echo +memory +pids >cgroup.subtree_control && echo +pids >system.slice/cgroup.subtree_control &&
  touch /run/done; trap 'exit 0' 37; while :; do sleep 0.1; done`;

async function divided(tspod: Tspod): Promise<void> {
  await tspod.ok('exec', 'c', 'sh', '-c', 'until test -e /run/done; do sleep 0.1; done');
}

test('--systemd=always: directories in memory, a machine id, and a stop signal of its own', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'trap "exit 5" 37; touch /run/lock/done; while :; do sleep 0.1; done';
  const id = await tspod.ok(...detached, '--name', 'c', '--systemd', 'always', 'busybox', 'sh', '-c', script);
  const inside = await tspod.ok('exec', 'c', 'cat', '/proc/1/mounts');
  for (const path of ['/run', '/run/lock', '/tmp', '/var/log/journal']) {
    assert.match(inside, new RegExp(`^tmpfs ${path} tmpfs rw,nosuid,nodev`, 'm'));
  }
  await tspod.ok('exec', 'c', 'test', '-e', '/run/.containerenv');
  const variables = await tspod.ok('exec', 'c', 'sh', '-c', "tr '\\0' '\\n' </proc/1/environ");
  assert.match(variables, new RegExp(`^container_uuid=${id.slice(0, 32)}$`, 'm'));
  assert.match(variables, /^container=podman$/m);
  assert.equal(await tspod.ok('inspect', '-f', '{{.Config.StopSignal}} {{.Config.SystemdMode}}', 'c'), '37 true');
  await tspod.ok('exec', 'c', 'sh', '-c', 'until test -e /run/lock/done; do sleep 0.1; done');
  await tspod.ok('stop', '--time', '1000', 'c');
  assert.equal(await tspod.ok('inspect', '-f', '{{.State.ExitCode}}', 'c'), '5');
});

test('a container whose command is an init is one for systemd, unless that is not wanted', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const made = async (...words: string[]) => {
    const id = await tspod.ok('create', '--network', 'none', ...words);
    return await tspod.ok('inspect', '-f', '{{.Config.StopSignal}} {{.Config.SystemdMode}}', id);
  };
  assert.equal(await made('busybox', '/sbin/init'), '37 true');
  assert.equal(await made('--stop-signal', 'TERM', 'busybox', '/sbin/init'), '15 true');
  assert.equal(await made('--systemd', 'false', 'busybox', '/sbin/init'), '15 false');
  assert.equal(await made('busybox', 'sh'), '15 false');
  const { exitCode, stderr } = await tspod('create', '--systemd', 'sometimes', 'busybox');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"sometimes".*systemd/);
});

test('--systemd keeps what the user mounts, and a read-only root', async (t) => {
  const tspod = await tspodWithBusybox(t);
  mkdirSync(join(tspod.folder, 'mine'));
  const words = ['--systemd', 'always', '--read-only', '-v', `${tspod.folder}/mine:/tmp`, '--tmpfs', '/run:size=1m'];
  const script = 'touch /tmp/a /run/lock/a && touch /b';
  const { stderr } = await tspod('run', '--rm', '--network', 'none', ...words, 'busybox', 'sh', '-c', script);
  assert.match(stderr, /\/b: Read-only file system/);
  assert.ok(existsSync(join(tspod.folder, 'mine/a')));
});

const needs = { skip: missing('cgroup:memory', 'cgroup:pids', 'subuid') };
for (const userns of ['host', 'keep-id', 'auto']) {
  test(`a process with --userns=${userns} may divide its cgroup, and nothing of that is left`, needs, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const own = ['--name', 'c', '--userns', userns, '--user', '0:0', '--systemd', 'always'];
    await tspod.ok(...detached, ...own, 'busybox', 'sh', '-c', divide);
    await divided(tspod);
    assert.equal(await tspod.ok('exec', 'c', 'cat', '/proc/self/cgroup'), '0::/init.scope');
    assert.match((await tspod('exec', 'c', 'sh', '-c', 'echo 9 >/sys/fs/cgroup/pids.max')).stderr, /error|denied|not/i);
    await tspod.ok('update', '--pids-limit', '77', 'c');
    assert.equal(await tspod.ok('exec', 'c', 'cat', '/sys/fs/cgroup/pids.max'), '77');
    await tspod.ok('pause', 'c');
    await tspod.ok('unpause', 'c');
    await tspod.ok('restart', 'c');
    await divided(tspod);
    const monitor = await tspod.ok('inspect', '-f', '{{.State.ConmonPid}}', 'c');
    process.kill(Number(monitor), 'SIGKILL');
    await eventually(async () => (await tspod.ok('ps', '-q')) === '', 'the container ends');
    await tspod.ok('start', 'c');
    await divided(tspod);
    process.kill(Number(await tspod.ok('inspect', '-f', '{{.State.ConmonPid}}', 'c')), 'SIGKILL');
    await eventually(async () => (await tspod.ok('ps', '-q')) === '', 'the container ends');
    await tspod.ok('rm', 'c');
  });
}

test('--restart begins again with a cgroup that is not divided', needs, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(
    ...detached,
    '--name',
    'c',
    '--restart',
    'always',
    '--systemd',
    'always',
    'busybox',
    'sh',
    '-c',
    divide,
  );
  await divided(tspod);
  await tspod.ok('exec', 'c', 'kill', '-37', '1');
  await eventually(async () => (await tspod.ok('inspect', '-f', '{{.RestartCount}}', 'c')) === '1', 'it is restarted');
  await divided(tspod);
  await tspod.ok('rm', '-f', '-t', '0', 'c');
});

const hasSystemd = existsSync(SYSTEMD) && existsSync('/bin/systemctl');
const boots = {
  skip: hasSystemd ? missing('cgroup:memory', 'cgroup:pids', 'subuid') : 'needs "systemd": none installed',
};
test('systemd of this host boots in a container, runs units there, and ends when it is asked to', boots, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const root = join(tspod.folder, 'root');
  for (const name of ['usr', 'etc', 'var', 'root']) mkdirSync(join(root, name), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/machine-id'), '');
  const words = ['--name', 'c', '-v', '/usr:/usr:ro', '--rootfs', root, SYSTEMD, '--unit=basic.target'];
  await tspod.ok(...detached, ...words);
  const state = async () => (await tspod('exec', 'c', 'systemctl', 'is-system-running')).stdout;
  await eventually(async () => ['running', 'degraded'].includes(await state()), 'systemd is up');
  await tspod.ok('exec', 'c', 'systemd-run', '--unit', 'mine', '-p', 'TasksMax=7', 'sleep', '1000');
  assert.equal(await tspod.ok('exec', 'c', 'cat', '/sys/fs/cgroup/system.slice/mine.service/pids.max'), '7');
  await tspod.ok('stop', '--time', '1000', 'c');
  assert.equal(await tspod.ok('inspect', '-f', '{{.State.ExitCode}}', 'c'), '0');
});
