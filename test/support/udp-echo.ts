/** A server of UDP in a container, test/support/udp-echo.c, and a client outside. */
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventually, type Tspod } from './tspod.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/test/udp-echo');

/** Run the server in a container that publishes it, and wait until a client gets its answer. */
export async function assertEchoes(
  t: TestContext,
  tspod: Tspod,
  { network, port }: { readonly network: string; readonly port: number },
): Promise<void> {
  const publish = ['--network', network, '-p', `127.0.0.1:${String(port)}:9000/udp`];
  await tspod.ok('run', '-d', ...publish, '-v', `${PROGRAM}:/bin/udp-echo:ro`, 'busybox', 'udp-echo', '9000');
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  let answer = '';
  socket.on('message', (bytes) => (answer = bytes.toString()));
  await eventually(() => {
    socket.send('ping', port, '127.0.0.1');
    return answer === 'ping';
  }, 'an echo comes back');
}
