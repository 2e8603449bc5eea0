import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { DbusConnection } from '../../../src/host/dbus.ts';

const PING = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.DBus.Peer',
  member: 'Ping',
} as const;

/** A server that lets everybody connect, and says nothing by itself. */
function silentServer(t: TestContext): { readonly path: string; readonly accepted: Promise<[Socket]> } {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-dbus-'));
  const path = join(folder, 'socket');
  const server = createServer().listen(path);
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { path, accepted: once(server, 'connection') as Promise<[Socket]> };
}

test('a call waits until the other side has let us in', async (t) => {
  const { path, accepted } = silentServer(t);
  await using connection = new DbusConnection(path);
  connection.call(PING).catch(() => undefined);
  const [peer] = await accepted;
  const [first] = (await once(peer, 'data')) as [Buffer];
  assert.match(first.toString('latin1'), /^\0AUTH EXTERNAL [0-9a-f]+\r\nBEGIN\r\n$/);

  peer.write('OK 0123456789abcdef0123456789abcdef\r\n');
  const [second] = (await once(peer, 'data')) as [Buffer];
  assert.equal(second.toString('latin1', 0, 1), 'l');
  peer.destroy();
});

test('who does not answer, neither to the greeting nor to a call, is not waited for without end', async (t) => {
  for (const greeting of ['', 'OK 0123456789abcdef0123456789abcdef\r\n']) {
    const { path, accepted } = silentServer(t);
    await using connection = new DbusConnection(path, { timeoutMs: 100 });
    const call = connection.call(PING);
    const [peer] = await accepted;
    peer.write(greeting);
    await assert.rejects(call, { message: 'it has not answered for 0.1 s' });
    await assert.rejects(connection.call(PING), { message: 'it has not answered for 0.1 s' });
    peer.destroy();
  }
});

test('a job has more time than the answer to a call', async (t) => {
  const { path, accepted } = silentServer(t);
  await using connection = new DbusConnection(path, { timeoutMs: 100, signalTimeoutMs: 400 });
  const began = performance.now();
  await assert.rejects(
    connection.signal(() => true),
    { message: 'it has not answered for 0.4 s' },
  );
  assert.ok(performance.now() - began >= 390);
  (await accepted)[0].destroy();
});

test('a connection over which nothing was asked may be silent for long', async (t) => {
  const { path, accepted } = silentServer(t);
  await using connection = new DbusConnection(path, { timeoutMs: 20 });
  const [peer] = await accepted;
  await sleep(100);
  peer.write('OK 0123456789abcdef0123456789abcdef\r\n');
  await once(peer, 'data');
  connection.call(PING).catch(() => undefined);
  const [message] = (await once(peer, 'data')) as [Buffer];
  assert.equal(message.toString('latin1', 0, 1), 'l');
  peer.destroy();
});
