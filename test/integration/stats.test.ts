import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { openTerminal } from '../support/terminal.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--name', 'c'];

test(
  'stats counts CPU time, memory and processes of a container',
  { skip: missing('cgroup:memory', 'cgroup:cpu', 'cgroup:pids') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    await tspod.ok(
      ...detached,
      '--network',
      'none',
      '-m',
      '64m',
      'busybox',
      'sh',
      '-c',
      'sleep 9999 & while :; do :; done',
    );
    const format = '{{.CPUNano}} {{.CPU}} {{.MemUsageBytes}} {{.MemLimit}} {{.PIDS}}';
    const stats = () => tspod.ok('stats', '--no-stream', '--format', format, 'c');
    await eventually(async () => {
      const [cpu = '0', percent = '0'] = (await stats()).split(' ');
      return Number(cpu) > 0 && Number(percent) > 0;
    }, 'CPU time is used');
    assert.match(await stats(), /^\d+ [\d.]+ [\d.]+[KM]iB \/ 64MiB 67108864 2$/);
  },
);

test('stats counts what came in through the network', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, 'busybox', 'sh', '-c', 'while :; do nc -w 1 10.0.2.2 9 </dev/null; sleep 0.1; done');
  await eventually(
    async () => Number(await tspod.ok('stats', '--no-stream', '--format', '{{.NetOutput}}', 'c')) > 100,
    'bytes have gone out',
  );
});

test('stats of a container without a cgroup says what is missing, and shows the rest', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--network', 'none', '--cgroups', 'disabled', 'busybox', 'sleep', '1000');
  const { stdout, stderr, exitCode } = await tspod('stats', '--no-stream');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^[0-9a-f]{12} +c +-- +-- \/ -- +-- +/m);
  assert.match(stderr, /only the network use of "c" is known, without a cgroup of its own: /);
});

test('stats shows those that run, with --all the others, too', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'down', 'busybox');
  const names = ['stats', '--no-stream', '--format', '{{.Name}}'];
  assert.equal(await tspod.ok(...names), '');
  assert.equal(await tspod.ok(...names, '--all'), 'down');
  assert.equal((await tspod(...names, 'none')).exitCode, 125);
});

test('stats goes on with sample after sample', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'down', 'busybox');
  const child = tspod.start('stats', '--all', '--interval', '1', '--format', '{{.Name}}');
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await eventually(() => text.startsWith('down\ndown\n'), 'two samples');
  child.kill();
  await new Promise((resolve) => child.once('close', resolve));
});

test('on a terminal each sample takes the place of the one before', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'down', 'busybox');
  const terminal = openTerminal(t, [tspod.program, 'stats', '--all', '--interval', '1'], tspod.env);
  for (let sample = 0; sample < 2; sample++) await terminal.shows(/\x1b\[H\x1b\[2JID .*down/s);
  terminal.type('\x03');
  await terminal.exit;
});
