import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('--log-driver json-file, none and passthrough', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'j', '--log-driver', 'json-file', 'busybox', 'echo', 'hello');
  await tspod.ok('wait', 'j');
  assert.equal(await tspod.ok('logs', 'j'), 'hello');
  const id = await tspod.ok(...detached, '--name', 'n', '--log-driver', 'none', 'busybox', 'echo', 'hello');
  await tspod.ok('wait', 'n');
  assert.equal(existsSync(join(tspod.store, 'containers', id, 'ctr.log')), false);
  const { stdout, exitCode } = await tspod(
    ...['run', '--rm', '--network', 'none', '--log-driver', 'passthrough'],
    ...['busybox', 'sh', '-c', 'echo through; exit 3'],
  );
  assert.deepEqual([stdout, exitCode], ['through', 3]);
});

for (const driver of ['k8s-file', 'json-file']) {
  test(`${driver}: a line of 1 MiB survives, and characters that reads cut in two`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const script = `head -c 1048576 /dev/zero | tr '\\0' x; echo; yes 'äöü€🐋' | head -n 20000`;
    await tspod.ok(...detached, '--name', 'c', '--log-driver', driver, 'busybox', 'sh', '-c', script);
    await tspod.ok('wait', 'c');
    const { stdout } = await tspod('logs', 'c');
    assert.ok(stdout === `${'x'.repeat(1 << 20)}\n${'äöü€🐋\n'.repeat(20000).trimEnd()}`, stdout.slice(-100));
    assert.equal(await tspod.ok('logs', '--tail', '1', 'c'), 'äöü€🐋');
    assert.ok((await tspod.ok('logs', '--tail', '20001', 'c')).startsWith('x'.repeat(1 << 20)));
  });
}

for (const driver of ['k8s-file', 'json-file', 'journald']) {
  const skip = driver === 'journald' && missing('journal');
  test(`${driver}: logs --tail shows a line whole that standard error has interrupted`, { skip }, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const script = `await() { until [ -e $1 ]; do sleep 0.1; done; }
      echo before; printf be; await /err; echo err >&2; await /end; echo gun; printf end`;
    await tspod.ok(...detached, '--name', 'c', '--log-driver', driver, 'busybox', 'sh', '-c', script);
    const last = async (count: number) => {
      const { stdout, stderr } = await tspod('logs', '--tail', String(count), 'c');
      return [stdout, stderr];
    };
    await eventually(async () => (await last(9))[0] === 'before\nbe', 'the beginning of a line');
    await tspod.ok('exec', 'c', 'touch', '/err');
    await eventually(async () => (await last(9))[1] === 'err', 'what is between');
    await tspod.ok('exec', 'c', 'touch', '/end');
    await tspod.ok('wait', 'c');
    assert.deepEqual(await last(1), ['end', '']);
    assert.deepEqual(await last(2), ['begun\nend', '']);
    assert.deepEqual(await last(3), ['begun\nend', 'err']);
    assert.deepEqual(await last(4), ['before\nbegun\nend', 'err']);
  });
}

test('a log that is a pipe is refused, with a reader and without', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const log = join(tspod.folder, 'pipe');
  execFileSync('mkfifo', [log]);
  const options = ['run', '--rm', '--network', 'none', '--log-opt'];
  const assertRefused = async () => {
    const { exitCode, stderr } = await tspod(...options, `path=${log}`, 'busybox', 'true');
    assert.match(stderr, /^Error: the log ".*pipe" is neither a file nor a character device\n.*: ls -l /);
    assert.equal(exitCode, 125);
  };
  await assertRefused();
  const reader = openSync(log, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(reader));
  await assertRefused();
  assert.equal(await tspod.ok(...options, 'path=/dev/null', 'busybox', 'echo', 'x'), 'x');
});
