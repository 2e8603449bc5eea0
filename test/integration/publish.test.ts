/** `--publish`: the ports that are opened, and how long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchText } from '../support/fetch-text.ts';
import { missing } from '../support/missing.ts';
import { freePort } from '../support/registry.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';
import { assertEchoes } from '../support/udp-echo.ts';

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
