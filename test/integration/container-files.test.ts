import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

test('the container has the OCI mounts and devices', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const mounts = await tspod.ok(...run, 'busybox', 'sh', '-c', 'cut -d" " -f2,3 /proc/mounts');
  for (const mount of [
    '/proc proc',
    '/dev tmpfs',
    '/dev/pts devpts',
    '/dev/shm tmpfs',
    '/dev/mqueue mqueue',
    '/sys sysfs',
  ]) {
    assert.ok(mounts.split('\n').includes(mount), `${mount} in:\n${mounts}`);
  }
  const devices =
    'for d in null zero full random urandom tty; do test -c /dev/$d && echo $d; done; for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done';
  assert.equal(
    await tspod.ok(...run, 'busybox', 'sh', '-c', devices),
    'null\nzero\nfull\nrandom\nurandom\ntty\n/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx',
  );
});

test('/dev/shm has 64 MB, or what --shm-size says', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const size = ['busybox', 'sh', '-c', 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2'];
  assert.equal(await tspod.ok(...run, ...size), '64000');
  assert.equal(await tspod.ok(...run, '--shm-size', '8m', ...size), '8192');
});

test('the host name is the short id, or what --hostname says, in /etc/hostname and /etc/hosts too', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('run', '--name', 'c', '-d', '--network', 'none', 'busybox', 'hostname');
  assert.equal(await tspod.ok('wait', 'c'), '0');
  assert.equal(await tspod.ok('logs', 'c'), id.slice(0, 12));
  const script = 'hostname; echo $(cat /etc/hostname); grep -c box /etc/hosts';
  assert.equal(
    await tspod.ok('run', '--rm', '--hostname', 'box', '--network', 'none', 'busybox', 'sh', '-c', script),
    'box\nbox\n1',
  );
});

test('--add-host adds to /etc/hosts, --dns writes /etc/resolv.conf', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const hosts = await tspod.ok('run', '--rm', '--add-host', 'db:10.1.2.3', 'busybox', 'cat', '/etc/hosts');
  assert.match(hosts, /^10\.1\.2\.3\s+db$/m);
  assert.match(hosts, /^127\.0\.0\.1\s+localhost/m);
  const dns = ['--dns', '192.0.2.53', '--dns-search', 'example.org', '--dns-option', 'ndots:2'];
  const resolv = await tspod.ok('run', '--rm', ...dns, 'busybox', 'cat', '/etc/resolv.conf');
  assert.match(resolv, /^nameserver 192\.0\.2\.53$/m);
  assert.match(resolv, /^search example\.org$/m);
  assert.match(resolv, /^options ndots:2$/m);
  const none = await tspod('run', '--rm', '--dns', 'none', 'busybox', 'cat', '/etc/resolv.conf');
  assert.match(none.stderr, /No such file/, 'the image has none');
  const contrary = await tspod('run', '--rm', '--no-hosts', '--add-host', 'db:10.1.2.3', 'busybox');
  assert.match(contrary.stderr, /^Error: --no-hosts leaves \/etc\/hosts alone, and --add-host/);
});

test('/run/.containerenv says what the container is in', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(
    await tspod.ok(...run, 'busybox', 'sh', '-c', 'test -e /run/.containerenv && echo yes; echo $container'),
    'yes\npodman',
  );
});

test('--tmpfs mounts a file system of its own with the options given', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const line = await tspod.ok(
    ...run,
    '--tmpfs',
    '/scratch:size=1m,mode=0700',
    'busybox',
    'grep',
    ' /scratch ',
    '/proc/mounts',
  );
  assert.match(line, /^tmpfs \/scratch tmpfs rw,nosuid,nodev.*size=1024k,mode=700/);
});

test('the mode and the owner given with --tmpfs hold where the image has a directory', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const show = ['busybox', 'stat', '-c', '%a %u:%g', '/etc', '/scratch'];
  const mounts = ['--tmpfs', '/etc:mode=0711,uid=3,gid=4', '--tmpfs', '/scratch:mode=1777'];
  const expected = '711 3:4\n1777 0:0';
  assert.equal(await tspod.ok('run', '--name', 'scratch', '--network', 'none', ...mounts, ...show), expected);
  // The first start has made the directory.
  assert.equal(await tspod.ok('start', '--attach', 'scratch'), expected);
});
