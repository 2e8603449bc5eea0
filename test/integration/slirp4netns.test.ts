import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fetchText } from '../support/fetch-text.ts';
import { missing } from '../support/missing.ts';
import { freePort } from '../support/registry.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

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
