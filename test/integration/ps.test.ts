import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('ps filters, quiets and prints JSON as Podman does', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const up = await tspod.ok(...detached, '--name', 'up', '--label', 'tier=web', 'busybox', 'sleep', '1000');
  const down = await tspod.ok('create', '--name', 'down', 'busybox');
  const list = (...args: string[]) => tspod.ok('ps', '--quiet', '--no-trunc', ...args);
  assert.equal(await list(), up);
  assert.deepEqual((await list('--all')).split('\n').sort(), [up, down].sort());
  assert.equal(await list('--all', '--filter', 'status=created'), down);
  assert.equal(await list('--filter', 'label=tier=web'), up);
  assert.equal(await list('--filter', 'label=tier=db'), '');
  assert.equal(await list('--all', '--filter', 'name=dow'), down);
  const [first] = JSON.parse(await tspod.ok('ps', '--format', 'json')) as {
    Id: string;
    Names: string[];
    State: string;
    Labels: object;
  }[];
  assert.deepEqual([first?.Id, first?.Names, first?.State, first?.Labels], [up, ['up'], 'running', { tier: 'web' }]);
});

test('ps --size counts what a container has written, and the image below it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '--name', 'c', '--network', 'none', 'busybox', 'sh', '-c', 'head -c 100000 /dev/zero > /big');
  const [own, , virtual] = (await tspod.ok('ps', '--all', '--format', '{{.Size}}')).split(' ');
  assert.equal(own, '100kB');
  assert.match(virtual ?? '', /^\d[\d.]*MB\)$/);
  assert.match(await tspod.ok('ps', '--all', '--size'), / SIZE\n.* c +100kB \(virtual /);
  const [{ Size }] = JSON.parse(await tspod.ok('ps', '--all', '--size', '--format', 'json')) as [
    { Size: { rwSize: number; rootFsSize: number } },
  ];
  assert.equal(Size.rwSize, 100_012); // With the target of /etc/mtab.
  assert.ok(Size.rootFsSize > 1_000_000);
});

test('ps --ns shows the namespaces of those that run', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'c', 'busybox', 'sleep', '1000');
  const inode = (await tspod.ok('exec', 'c', 'readlink', '/proc/self/ns/mnt')).replaceAll(/\D/g, '');
  assert.equal(await tspod.ok('ps', '--ns', '--format', '{{.MNT}}'), inode);
  assert.equal(await tspod.ok('ps', '--ns', '--format', '{{.Namespaces.MNT}}'), inode);
  assert.match(
    await tspod.ok('ps', '--namespace'),
    /^CONTAINER ID +NAMES +PID +CGROUPNS +IPC +MNT +NET +PIDNS +USERNS +UTS\n/,
  );
});

test('ps refuses flags that exclude each other in the words of Podman', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const [flags, message] of [
    [['--latest', '--last', '2'], /last and latest are mutually exclusive/],
    [['--quiet', '--size'], /quiet conflicts with size and namespace/],
    [['--size', '--ns'], /size and namespace options conflict/],
    [['--watch', '1', '--latest'], /the watch and latest flags cannot be used together/],
  ] as const) {
    const { exitCode, stderr } = await tspod('ps', ...flags);
    assert.match(stderr, message);
    assert.equal(exitCode, 125);
  }
});

test('ps --watch shows the list again and again', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const child = tspod.start('ps', '--watch', '1');
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await eventually(() => text.split('CONTAINER ID').length === 3, 'two lists');
  child.kill();
  await new Promise((resolve) => child.once('close', resolve));
});

test('run -d prints the id, ps the short id, the image, the command and the name', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(...detached, '--name', 'c', 'busybox', 'sleep', '1000');
  assert.match(id, /^[0-9a-f]{64}$/);
  const [header, line = ''] = (await tspod.ok('ps')).split('\n');
  assert.match(header ?? '', /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
  assert.match(line, new RegExp(`^${id.slice(0, 12)} +localhost/busybox:latest +sleep 1000 .*Up .* c$`));
});
