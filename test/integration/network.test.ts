import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { missing } from '../support/missing.ts';
import { freePort } from '../support/registry.ts';
import { eventually, tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';
import { assertEchoes } from '../support/udp-echo.ts';

const fetchText = async (url: string) =>
  fetch(url)
    .then((response) => response.text())
    .catch(() => undefined);

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
  const { readlinkSync } = await import('node:fs');
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
  "slirp4netns: the container reaches the host's network with MTU 65520, but not its loopback",
  { skip: missing('tun') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    assert.equal(await tspod.ok('run', '--rm', 'busybox', 'cat', '/sys/class/net/tap0/mtu'), '65520');
    const server = createServer((socket) => socket.end('from the host'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const address = server.address();
    const connect = ['busybox', 'nc', '-w', '10', '10.0.2.2', String(typeof address === 'object' && address?.port)];
    assert.equal((await tspod('run', '--rm', ...connect)).stdout, '');
    const open = await tspod('run', '--rm', '--network', 'slirp4netns:allow_host_loopback=true', ...connect);
    assert.equal(open.stdout, 'from the host');
  },
);

test('what slirp4netns does not accept is told in its words', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const refused = await tspod('run', '--rm', '--network', 'slirp4netns:outbound_addr=nope', 'busybox', 'true');
  assert.match(refused.stderr, /cannot make the network of the container: outbound-addr has to be/);
  assert.doesNotMatch(refused.stderr, /WARNING/);
});

test(
  'slirp4netns opens ports itself where that is asked for, which shows clients on this host as the gateway',
  { skip: missing('tun') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const port = String(await freePort());
    const options = ['--network', 'slirp4netns:port_handler=slirp4netns', '-p', `127.0.0.1:${port}:80`];
    const serve = 'echo hi >/www/index.html; httpd -v -f -h /www';
    await tspod.ok('run', '-d', '--name', 'web', ...options, 'busybox', 'sh', '-c', serve);
    await eventually(async () => (await fetchText(`http://127.0.0.1:${port}/`)) === 'hi\n', 'it answers');
    await eventually(async () => (await tspod('logs', 'web')).stderr.includes('10.0.2.2'), 'the log has the client');
    const refused = await tspod('run', '--rm', ...options, 'busybox', 'true');
    assert.match(refused.stderr, /^Error: the tcp port "\d+" of "127\.0\.0\.1" cannot be opened by slirp4netns: /);
    assert.equal(refused.exitCode, 125);
  },
);

test('a slirp4netns that ends too early is told as that, and nothing is left', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const program = join(tspod.folder, 'bin/slirp4netns');
  mkdirSync(dirname(program));
  writeFileSync(program, '', { mode: 0o755 });
  const env = {
    ...tspod.env,
    PATH: `${dirname(program)}:${tspod.env['PATH'] ?? ''}`,
    XDG_RUNTIME_DIR: dirname(program),
  };
  for (const [script, reason] of [
    ['exit 1', 'it has ended without saying why'],
    ['printf 1 >&3', 'it has ended without saying why'],
    ['printf 1 >&3; echo "no memory is left"', 'no memory is left'],
  ] as const) {
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    const publish = ['--network', 'slirp4netns:port_handler=slirp4netns', '-p', '80'];
    const { status, stderr } = spawnSync(tspod.program, ['run', '-d', ...publish, 'busybox', 'sleep', '9'], {
      env,
      encoding: 'utf8',
    });
    assert.equal(stderr.split('\n')[0], `Error: slirp4netns cannot make the network of the container: ${reason}`);
    assert.equal(status, 125);
  }
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('--publish opens exactly the sockets that were asked for', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const [one, two] = [await freePort(), await freePort()];
  await tspod.ok(
    'run',
    '-d',
    '--name',
    'web',
    '-p',
    `127.0.0.1:${String(one)}:80`,
    '-p',
    `127.0.0.1:${String(two)}:81/tcp`,
    'busybox',
    'sh',
    '-c',
    'echo eighty >/www/index.html; mkdir /w2; echo other >/w2/index.html; httpd -p 81 -h /w2; httpd -f -h /www',
  );
  await eventually(async () => (await fetchText(`http://127.0.0.1:${String(one)}/`)) === 'eighty\n', 'port 80 answers');
  await eventually(async () => (await fetchText(`http://127.0.0.1:${String(two)}/`)) === 'other\n', 'port 81 answers');
  assert.match(await tspod.ok('ps', '--filter', 'name=web'), new RegExp(`127\\.0\\.0\\.1:${String(one)}->80/tcp`));
  await tspod.ok('rm', '--force', '--time', '0', 'web');
  assert.equal(await fetchText(`http://127.0.0.1:${String(one)}/`), undefined, 'the port is closed again');
});

test('--publish without an address opens the port on IPv4 and IPv6', { skip: missing('tun', 'ipv6') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const port = String(await freePort());
  await tspod.ok('run', '-d', '-p', `${port}:80`, 'busybox', 'sh', '-c', 'echo hi >/www/index.html; httpd -f -h /www');
  await eventually(async () => (await fetchText(`http://127.0.0.1:${port}/`)) === 'hi\n', 'IPv4 answers');
  await eventually(async () => (await fetchText(`http://[::1]:${port}/`)) === 'hi\n', 'IPv6 answers');
});

test('--publish for UDP', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await assertEchoes(t, tspod, { network: 'slirp4netns', port: await freePort() });
});

test('a range of ports is published one to one', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const first = await freePort();
  const script =
    'mkdir /a /b; echo a >/a/index.html; echo b >/b/index.html; httpd -p 8000 -h /a; httpd -f -p 8001 -h /b';
  const published = await tspod(
    'run',
    '-d',
    '-p',
    `127.0.0.1:${String(first)}-${String(first + 1)}:8000-8001`,
    'busybox',
    'sh',
    '-c',
    script,
  );
  assert.equal(published.exitCode, 0, published.stderr);
  await eventually(
    async () => (await fetchText(`http://127.0.0.1:${String(first)}/`)) === 'a\n',
    'the first port answers',
  );
  await eventually(
    async () => (await fetchText(`http://127.0.0.1:${String(first + 1)}/`)) === 'b\n',
    'the second port answers',
  );
});

test('the network and its ports survive a restart by the monitor', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const port = String(await freePort());
  await tspod.ok(
    'run',
    '-d',
    '--name',
    'web',
    '--restart',
    'always',
    '-p',
    `127.0.0.1:${port}:80`,
    'busybox',
    'sh',
    '-c',
    'cat /proc/sys/kernel/random/uuid >/www/index.html; httpd -f -h /www',
  );
  const first = await eventually(() => fetchText(`http://127.0.0.1:${port}/`), 'the first answer');
  process.kill(Number(await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'web')), 'SIGKILL');
  await eventually(async () => {
    const again = await fetchText(`http://127.0.0.1:${port}/`);
    return again !== undefined && again !== first;
  }, 'the second init answers on the same port');
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
