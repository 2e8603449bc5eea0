import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

test("standard output and standard error of run are the container's, apart", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { stdout, stderr } = await tspod(
    'run',
    '--rm',
    '--network',
    'none',
    'busybox',
    'sh',
    '-c',
    'echo out; echo err >&2',
  );
  assert.deepEqual([stdout, stderr], ['out', 'err']);
});

test('run without --interactive does not read standard input', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal((await tspod.withInput('lost', 'run', '--rm', '--network', 'none', 'busybox', 'cat')).stdout, '');
});

test('a pipe goes through run --interactive', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(
    (await tspod.withInput('a\nb\nc\n', 'run', '--rm', '-i', '--network', 'none', 'busybox', 'wc', '-l')).stdout,
    '3',
  );
});

for (const command of ['run', 'exec'] as const) {
  test(`1 GiB of any bytes comes through ${command} -i ... cat unharmed`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    if (command === 'exec')
      await tspod.ok('run', '-d', '--name', 'host', '--network', 'none', 'busybox', 'sleep', '1000');
    const child =
      command === 'run'
        ? tspod.start('run', '--rm', '-i', '--network', 'none', 'busybox', 'cat')
        : tspod.start('exec', '-i', 'host', 'cat');
    // Emulated, a quarter has to do.
    const blocks = process.env['TESTBED'] === '1' ? 256 : 1024;
    const block = randomBytes(1024 * 1024);
    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    let count = 0;
    child.stdout.on('data', (bytes: Buffer) => {
      received.update(bytes);
      count += bytes.length;
    });
    const exit = new Promise((resolve) => child.once('close', resolve));
    for (let n = 0; n < blocks; n += 1) {
      block.writeUInt32LE(n, 0);
      sent.update(block);
      if (!child.stdin.write(Buffer.from(block))) await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
    child.stdin.end();
    assert.equal(await exit, 0);
    assert.equal(count, blocks * block.length);
    assert.equal(received.digest('hex'), sent.digest('hex'));
  });
}

test('all 256 bytes pass unchanged both ways', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
  const { stdout } = await tspod.withInput(
    bytes,
    'run',
    '--rm',
    '-i',
    '--network',
    'none',
    'busybox',
    'od',
    '-An',
    '-v',
    '-tu1',
  );
  assert.deepEqual(stdout.split(/\s+/).map(Number), [...bytes]);
});

test('a reader that closes early ends the container with SIGPIPE, as a shell expects', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const child = tspod.start('run', '--rm', '--network', 'none', 'busybox', 'yes');
  const exit = new Promise((resolve) => child.once('close', resolve));
  child.stdout.once('data', () => child.stdout.destroy());
  child.stdin.end();
  assert.notEqual(await exit, 0);
});

test('a full disk behind standard output is named, and the container goes on', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const child = spawn(
    'sh',
    ['-c', '"$0" run --name c --network none busybox sh -c "echo x; sleep 1000" >/dev/full', tspod.program],
    {
      env: tspod.env,
    },
  );
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  assert.equal(await new Promise((resolve) => child.once('close', resolve)), 125);
  assert.match(said, /no space left on device/);
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Running}}', 'c'), 'true');
});

test('when the monitor is killed, the client says so', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const child = tspod.start('run', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', 'echo ready; sleep 1000');
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const exit = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const [lock = ''] = await Array.fromAsync(glob(`${tspod.store}/containers/*/monitor.lock`));
  process.kill((JSON.parse(readFileSync(lock, 'utf8')) as { pid: number }).pid, 'SIGKILL');
  assert.equal(await exit, 125);
  assert.match(said, /monitor was killed/);
});
