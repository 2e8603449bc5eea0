import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { fetchText } from '../support/fetch-text.ts';
import { missing } from '../support/missing.ts';
import { freePort } from '../support/registry.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';
import { assertEchoes } from '../support/udp-echo.ts';

const skip = missing('tun', 'program:pasta');

test('--network pasta publishes TCP on IPv4 and IPv6', { skip: skip || missing('ipv6') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const port = String(await freePort());
  const server = ['busybox', 'sh', '-c', 'echo hi >/www/index.html; httpd -f -h /www'];
  await tspod.ok('run', '-d', '--name', 'web', '--network', 'pasta', '-p', `${port}:80`, ...server);
  await eventually(async () => (await fetchText(`http://127.0.0.1:${port}/`)) === 'hi\n', 'IPv4 answers');
  await eventually(async () => (await fetchText(`http://[::1]:${port}/`)) === 'hi\n', 'IPv6 answers');
  await tspod.ok('rm', '--force', '--time', '0', 'web');
  assert.equal(await fetchText(`http://127.0.0.1:${port}/`), undefined, 'the port is closed again');
});

test('--network pasta publishes UDP, and replies come back', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await assertEchoes(t, tspod, { network: 'pasta', port: await freePort() });
});

test('--network pasta names the port that is in use, and leaves nothing behind', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const publish = `127.0.0.1:${String(port)}:80`;
  const refused = await tspod('run', '-d', '--network', 'pasta', '-p', publish, 'busybox', 'true');
  assert.match(refused.stderr, new RegExp(`the tcp port "${String(port)}" of "127.0.0.1" is already in use`));
  assert.equal(refused.exitCode, 125);
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});
