import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none', '--name', 'c'];

test('top shows the processes of a container by their pids inside', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, 'busybox', 'sh', '-c', 'sleep 1000 & exec sleep 2000');
  const rows = await eventually(async () => {
    const lines = (await tspod.ok('top', 'c', 'pid', 'ppid', 'user', 'args')).split('\n');
    return /sleep 1000$/.test(lines[2] ?? '') && lines.map((line) => line.split(/ {2,}/).join('|'));
  }, 'both programs run');
  assert.deepEqual(rows, ['PID|PPID|USER|COMMAND', '1|0|root|sleep 2000', '2|1|root|sleep 1000']);
});

test('top shows what exec has started, its user by the name inside and the id outside', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, 'busybox', 'sleep', '1000');
  await tspod.ok('exec', '--detach', 'c', 'sleep', '2000');
  const rows = await eventually(async () => {
    const lines = (await tspod.ok('top', '--latest', 'ppid,user,huser,seccomp,args')).split('\n');
    return lines.length === 3 && lines.map((line) => line.split(/ {2,}/).join('|'));
  }, 'the second process is there');
  assert.equal(rows[2], `0|root|${String(userInfo().uid)}|filter|sleep 2000`);
});

test('top knows the processes of a container that sees those of the host', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--pid', 'host', 'busybox', 'sleep', '1234');
  assert.deepEqual((await tspod.ok('top', 'c', 'args')).split('\n'), ['COMMAND', 'sleep 1234']);
});

test('top follows no link of the container to a passwd file of the host', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, 'busybox', 'sh', '-c', 'ln -sf /proc/1/root/no /etc/passwd; exec sleep 1000');
  await eventually(async () => /^0$/m.test(await tspod.ok('top', 'c', 'user')), 'root has no name any more');
});

test('top of a container that does not run, and of an unknown descriptor, is a sentence', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', 'busybox');
  const stopped = await tspod('top', 'c');
  assert.match(stopped.stderr, /top can only be used on running containers: "c" is created/);
  const unknown = await tspod('top', 'c', 'nonsense');
  assert.match(unknown.stderr, /there is no descriptor "nonsense"/);
  assert.deepEqual([stopped.exitCode, unknown.exitCode], [125, 125]);
});
