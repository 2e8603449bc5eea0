import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

test('--network none has the loopback interface alone, and it is up', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'ls /sys/class/net; ping -c 1 -w 5 127.0.0.1 >/dev/null && echo up';
  assert.equal(
    await tspod.ok('run', '--rm', '--network', 'none', '--cap-add', 'net_raw', 'busybox', 'sh', '-c', script),
    'lo\nup',
  );
});

test('--network host is the network of the host', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(
    await tspod.ok('run', '--rm', '--network', 'host', 'busybox', 'readlink', '/proc/self/ns/net'),
    readlinkSync('/proc/self/ns/net'),
  );
});

test('--network ns:PATH joins a network namespace of the user, and says why it cannot join another', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const holder = spawn('unshare', [
    '--user',
    '--map-root-user',
    '--net',
    'sh',
    '-c',
    'readlink /proc/self/ns/net; exec sleep 600',
  ]);
  t.after(() => holder.kill('SIGKILL'));
  const [namespace] = (await once(holder.stdout, 'data')) as [Buffer];
  const path = `/proc/${String(holder.pid)}/ns/net`;
  const seen = ['busybox', 'readlink', '/proc/self/ns/net'];
  assert.equal(await tspod.ok('run', '--rm', '--network', `ns:${path}`, ...seen), namespace.toString().trim());
  await tspod.ok('run', '-d', '--name', 'joined', '--network', `ns:${path}`, 'busybox', 'sleep', '600');
  assert.equal(await tspod.ok('exec', 'joined', ...seen.slice(1)), namespace.toString().trim());
  for (const [wrong, reason] of [
    ['/proc/self/ns/net', /cannot join the network namespace "\/proc\/self\/ns\/net": operation not permitted/],
    ['/nonexistent', /cannot join the network namespace "\/nonexistent": no such file or directory/],
    ['/etc/passwd', /cannot join "\/etc\/passwd": it is no network namespace/],
  ] as const) {
    const refused = await tspod('run', '--rm', '--network', `ns:${wrong}`, ...seen);
    assert.match(refused.stderr, reason);
    assert.equal(refused.exitCode, 125);
  }
});

test('--network container:ID shares the network of another container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'web', '--network', 'none', 'busybox', 'httpd', '-f', '-h', '/etc');
  await eventually(async () => {
    const got = await tspod(
      'run',
      '--rm',
      '--network',
      'container:web',
      'busybox',
      'wget',
      '-qO-',
      'http://127.0.0.1/group',
    );
    return got.stdout.startsWith('root:x:0:');
  }, 'the web server answers in the shared network');
});

test(
  'run by root leaves the mounts of the host as they are, with a network too',
  { skip: missing('tun', 'program:unshare') },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    const outside = join(tspod.folder, 'outside');
    const script =
      'for ids in /etc/subuid /etc/subgid; do mount --bind /dev/null $ids; done; ' +
      'mkdir "$2" && mount -t tmpfs outside "$2" && mkdir "$2/pts" && mount -t tmpfs inner "$2/pts" && "$1" run --rm localhost/tspod/hello >/dev/null && cat /proc/self/mounts';
    const { stdout } = await promisify(execFile)(
      'unshare',
      ['--map-root-user', '--mount', '--propagation', 'shared', 'sh', '-c', script, 'sh', tspod.program, outside],
      { env: tspod.env },
    );
    assert.match(stdout, new RegExp(`^inner ${outside}/pts tmpfs `, 'm'));
  },
);
