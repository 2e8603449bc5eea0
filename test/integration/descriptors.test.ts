/** Which descriptors a container has: those that are asked for, and the sockets of its unit. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

test('run --preserve-fds gives the container what is open, and nothing else', async (t) => {
  const tspod = await tspodWithBusybox(t);
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
