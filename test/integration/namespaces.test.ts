import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];
const writer = ['busybox', 'sh', '-c', 'echo shared >/dev/shm/f; exec sleep 1000'];
const link = (namespace: string) => ['busybox', 'readlink', `/proc/self/ns/${namespace}`];

async function startHolder(tspod: Tspod, ...flags: readonly string[]): Promise<void> {
  await tspod.ok('run', '-d', '--name', 'holder', '--network', 'none', ...flags, ...writer);
  await eventually(
    async () => (await tspod('exec', 'holder', 'test', '-s', '/dev/shm/f')).exitCode === 0,
    '/dev/shm/f',
  );
}

test('--pid, --ipc, --uts, --network and --cgroupns join another container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await startHolder(tspod);
  for (const [flag, namespace] of [
    ['--pid', 'pid'],
    ['--ipc', 'ipc'],
    ['--uts', 'uts'],
    ['--network', 'net'],
    ['--cgroupns', 'cgroup'],
  ] as const) {
    const own = await tspod.ok('exec', 'holder', 'readlink', `/proc/self/ns/${namespace}`);
    assert.equal(await tspod.ok('run', '--rm', flag, 'container:holder', ...link(namespace)), own, flag);
  }
});

test('--ipc=container shares /dev/shm, and nothing else of the file system', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await startHolder(tspod);
  await tspod.ok('exec', 'holder', 'touch', '/of-holder');
  const script = 'cat /dev/shm/f; echo back >/dev/shm/g; ls /of-holder';
  const { stdout, stderr } = await tspod(...run, '--ipc', 'container:holder', 'busybox', 'sh', '-c', script);
  assert.equal(stdout, 'shared');
  assert.match(stderr, /\/of-holder: No such file/);
  assert.equal(await tspod.ok('exec', 'holder', 'cat', '/dev/shm/g'), 'back');
});

test('--ipc=private keeps others out, --ipc=none has no /dev/shm, --ipc=host has the one of the host', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await startHolder(tspod, '--ipc', 'private');
  const refused = await tspod(...run, '--ipc', 'container:holder', 'busybox', 'true');
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /"holder" is not to be shared/);
  const shm = ['busybox', 'grep', '-c', ' /dev/shm ', '/proc/mounts'];
  assert.equal((await tspod(...run, '--ipc', 'none', ...shm)).stdout, '0');
  assert.equal(await tspod.ok(...run, '--ipc', 'host', ...shm), '1');
});

test('--userns=container takes the ids of another container', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const map = ['cat', '/proc/self/uid_map'];
  const joined = ['--userns', 'container:holder', '--ipc', 'container:holder'];
  await startHolder(tspod, '--userns', 'keep-id');
  const own = await tspod.ok('exec', 'holder', ...map);
  assert.equal(await tspod.ok(...run, ...joined, 'busybox', ...map), own);
  assert.equal(await tspod.ok(...run, ...joined, 'busybox', 'cat', '/dev/shm/f'), 'shared');
  await tspod.ok('rm', '--force', '--time', '0', 'holder');

  await startHolder(tspod, '--userns', 'auto');
  const range = await tspod.ok('exec', 'holder', ...map);
  assert.equal(await tspod.ok(...run, '--userns', 'container:holder', 'busybox', ...map), range);
  const refused = await tspod(...run, ...joined, 'busybox', 'true');
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /belong to its user namespace alone/);
});

test("the host's name cannot be changed from a container", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const refused = await tspod(...run, '--uts', 'host', '--hostname', 'box', 'busybox', 'true');
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /--hostname and --uts=host/);
  assert.equal(await tspod.ok('run', '--rm', '--network', 'host', '--hostname', 'box', 'busybox', 'hostname'), 'box');
});

test("--network=host gives the host's name, and not the namespace that it is in", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'hostname; cat /etc/hostname; readlink /proc/self/ns/uts';
  const shown = await tspod.ok('run', '--name', 'c', '--network', 'host', 'busybox', 'sh', '-c', script);
  const [name, file, namespace] = shown.split('\n');
  assert.deepEqual([name, file], [hostname(), hostname()]);
  assert.notEqual(namespace, readlinkSync('/proc/self/ns/uts'));
  const format = '{{.HostConfig.UTSMode}} {{.Config.Hostname}}';
  assert.equal(await tspod.ok('inspect', '--format', format, 'c'), `private ${hostname()}`);
});

test('with --pid=host a thousand processes that a container leaves behind end with it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'i=0; while [ $i -lt 1000 ]; do sleep 600 & i=$((i + 1)); done; exit 3';
  const { exitCode, stderr } = await tspod(...run, '--pid', 'host', 'busybox', 'sh', '-c', script);
  assert.deepEqual([exitCode, stderr], [3, '']);
});
