import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

test('port shows where each published port leads to', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('run', '-d', '--name', 'c', '-p', '127.0.0.1::80', 'busybox', 'sleep', '1000');
  const [, host = ''] = /^80\/tcp -> 127\.0\.0\.1:(\d+)$/.exec(await tspod.ok('port', 'c')) ?? [];
  assert.ok(Number(host) > 0);
  assert.equal(await tspod.ok('port', 'c', '80'), `127.0.0.1:${host}`);
  assert.equal(await tspod.ok('port', '--latest', '80/tcp'), `127.0.0.1:${host}`);
  assert.equal(await tspod.ok('port', '--all'), `${id.slice(0, 12)}\t80/tcp -> 127.0.0.1:${host}`);
  const { exitCode, stderr } = await tspod('port', 'c', '80/udp');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"c" does not publish the port "80\/udp"/);
});

test('port of a container that does not run is nothing, of a malformed port a sentence', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '-p', '127.0.0.1:18080:80', 'busybox');
  assert.equal(await tspod.ok('port', 'c'), '');
  for (const port of ['http', '0', '80/sctp', '80-81', '65536']) {
    const { exitCode, stderr } = await tspod('port', 'c', port);
    assert.equal(exitCode, 125, port);
    assert.ok(stderr.includes(`"${port}"`), stderr);
  }
});

test('ports are left out, and that is said, with a network that nobody publishes them in', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'other', '--network', 'none', 'busybox', 'true');
  for (const network of ['none', 'host', 'container:other']) {
    const create = ['create', '--name', 'c', '--network', network, 'busybox', 'true'];
    const { stderr, exitCode } = await tspod(...create.slice(0, 1), '-p', '8080:80', ...create.slice(1));
    assert.match(stderr, /^Warning: ports are not published with the network "(none|host|container)": /);
    assert.equal(exitCode, 0);
    assert.equal(await tspod.ok('ps', '--all', '--filter', 'name=c', '--format', '{{.Ports}}'), '');
    await tspod.ok('rm', 'c');
    assert.equal((await tspod(...create)).stderr, '');
    await tspod.ok('rm', 'c');
  }
});
