import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { monitorOf, ticksOf } from '../support/monitor.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

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

test('a client that is killed while its input waits for the container costs nothing, and the input comes', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'read line; echo $line; until test -e /go; do sleep 0.1; done; exec cat > /got';
  const id = await tspod.ok(...['run', '-d', '-i', '--network', 'none', 'busybox', 'sh', '-c', script]);
  const client = await attachWithMuchInput(tspod, id);
  const ended = once(client, 'close');
  client.kill('SIGKILL');
  await ended;
  const before = ticksOf(monitorOf(tspod, id));
  await sleep(2000);
  const ticks = ticksOf(monitorOf(tspod, id)) - before;
  assert.ok(ticks < 10, `${String(ticks)} ticks in two seconds`);
  await tspod.ok('exec', id, 'touch', '/go');
  const got = async () => Number((await tspod('exec', id, 'stat', '-c', '%s', '/got')).stdout);
  await eventually(async () => (await got()) > 100_000, 'it has read more than a pipe holds');
});

test("the end of one client's input does not hold up what another types", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'read line; echo $line; while :; do sleep 0.1; done';
  const id = await tspod.ok(...['run', '-d', '-i', '--network', 'none', 'busybox', 'sh', '-c', script]);
  const first = await attachWithMuchInput(tspod, id);
  const second = tspod.start('attach', id);
  const closed = Promise.all([first, second].map((client) => once(client, 'close')));
  second.stdin.end();
  await new Promise((resolve) => first.stdin.write('x\n'.repeat(1_000_000), resolve));
  await tspod.ok('rm', '--force', '--time', '0', id);
  await closed;
});

/** Attached, with as many lines typed as all between take while the container reads no more. */
async function attachWithMuchInput(tspod: Tspod, id: string) {
  const client = tspod.start('attach', id);
  client.stdin.on('error', () => undefined);
  client.stdin.write('x\n');
  await once(client.stdout, 'data');
  client.stdout.resume();
  const take = () => new Promise<true>((resolve) => client.stdin.write('x\n'.repeat(10_000), () => resolve(true)));
  while (await Promise.race([take(), sleep(1000, false)]));
  return client;
}
