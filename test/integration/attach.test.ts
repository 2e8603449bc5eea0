import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

test('a stopped attach client does not stall the container, and learns that it missed something', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'while :; do head -c 100000 /dev/zero; echo >> /progress; done';
  await tspod.ok(
    ...['run', '-d', '--name', 'c', '--network', 'none', '--log-driver', 'none', 'busybox', 'sh', '-c', script],
  );
  const client = tspod.start('attach', '--no-stdin', 'c');
  let said = '';
  client.stderr.on('data', (text: Buffer) => (said += text.toString()));
  await once(client.stdout, 'data');
  client.kill('SIGSTOP');
  client.stdout.resume();
  const progress = async () => Number((await tspod.ok('exec', 'c', 'wc', '-l', '/progress')).split(' ')[0]);
  const before = await progress();
  await eventually(async () => (await progress()) > before + 50, 'the container writes 5 MB more');
  const ended = once(client, 'close');
  client.kill('SIGCONT');
  assert.deepEqual(await ended, [125, null]);
  assert.match(said, /nothing was read here for ten seconds.*\n.*tspod logs CONTAINER; tspod attach CONTAINER/);
});

test('two clients see the same output, and what either types is read', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '-i', '--name', 'c', '--network', 'none', 'busybox', 'cat');
  const clients = [tspod.start('attach', 'c'), tspod.start('attach', 'c')] as const;
  const texts = ['', ''];
  clients.forEach((client, n) =>
    client.stdout.on('data', (text: Buffer) => (texts[n] = `${texts[n] ?? ''}${text.toString()}`)),
  );
  clients[0].stdin.write('one\n');
  await eventually(() => texts[0]?.includes('one'), 'the first is attached');
  await eventually(() => {
    clients[1].stdin.write('two\n');
    return texts[1]?.includes('two');
  }, 'the second is attached');
  clients[0].stdin.write('three\n');
  await eventually(() => texts.every((text) => text.includes('three')), 'both see what the first has typed');
  const ended = Promise.all(clients.map(async (client) => (await once(client, 'close')) as [number]));
  clients[1].stdin.end();
  assert.deepEqual(
    (await ended).map(([code]) => code),
    [0, 0],
  );
});

test('output goes on when standard input has ended', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { stdout } = await tspod.withInput(
    'typed\n',
    ...['run', '--rm', '-i', '--network', 'none', 'busybox', 'sh', '-c', 'cat; sleep 0.2; echo after'],
  );
  assert.equal(stdout, 'typed\nafter');
});
