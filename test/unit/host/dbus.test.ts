import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DbusConnection } from '../../../src/host/dbus.ts';

const PING = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.DBus.Peer',
  member: 'Ping',
} as const;

test('a call waits until the other side has let us in', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-dbus-'));
  const server = createServer().listen(join(folder, 'socket'));
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  await using connection = new DbusConnection(join(folder, 'socket'));
  connection.call(PING).catch(() => undefined);
  const [peer] = await accepted;
  const [first] = (await once(peer, 'data')) as [Buffer];
  assert.match(first.toString('latin1'), /^\0AUTH EXTERNAL [0-9a-f]+\r\nBEGIN\r\n$/);

  peer.write('OK 0123456789abcdef0123456789abcdef\r\n');
  const [second] = (await once(peer, 'data')) as [Buffer];
  assert.equal(second.toString('latin1', 0, 1), 'l');
  peer.destroy();
});
