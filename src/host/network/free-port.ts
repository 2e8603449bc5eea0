/** Ports of the host that are free, and those that are not. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { hasCode, TspodError } from '../../errors.ts';
import type { PortMapping } from '../../model/port-mapping.ts';
import type { PortForward } from '../../plan/network.ts';
import { explainPort } from './port-error.ts';

/**
 * Give each mapping whose host port is 0 a range that is free now.
 *
 * Somebody may take it before the container starts; that start then fails and names the port.
 *
 * @throws {TspodError} when there is none
 */
export async function choosePorts(ports: readonly PortMapping[]): Promise<PortMapping[]> {
  const chosen: PortMapping[] = [];
  for (const port of ports) {
    chosen.push(port.hostPort === 0 ? { ...port, hostPort: await findFreeRange(port, chosen) } : port);
  }
  return chosen;
}

/** Why the first port that cannot be opened now cannot be: pasta does not say. Undefined when each can. */
export async function explainClosedPort(forwards: readonly PortForward[]): Promise<TspodError | undefined> {
  for (const forward of forwards) {
    try {
      await (forward.protocol === 'tcp' ? tryTcp : tryUdp)(forward.hostIp, forward.hostPort);
    } catch (error) {
      const { code, errno = 0 } = error as NodeJS.ErrnoException;
      const isFamilyMissing = forward.isWildcard && code !== 'EADDRINUSE' && code !== 'EACCES';
      if (!isFamilyMissing) return explainPort(forward, -errno);
    }
  }
  return undefined;
}

const ATTEMPTS = 50;
const LAST_PORT = 65_535;

async function findFreeRange(port: PortMapping, taken: readonly PortMapping[]): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = await tryPort(port, 0);
    if (first !== undefined && first + port.range - 1 <= LAST_PORT && (await isFree(port, first, taken))) return first;
  }
  throw new TspodError(`no ${port.range} free ${port.protocol} ports in a row were found for "${port.containerPort}"`, {
    remedy: 'Choose the port of the host yourself: --publish 8080:80',
  });
}

async function isFree(port: PortMapping, first: number, taken: readonly PortMapping[]): Promise<boolean> {
  const overlaps = ({ hostPort, range, protocol }: PortMapping) =>
    protocol === port.protocol && hostPort < first + port.range && first < hostPort + range;
  if (taken.some(overlaps)) return false;
  for (let offset = 1; offset < port.range; offset++) {
    if ((await tryPort(port, first + offset)) === undefined) return false;
  }
  return true;
}

/** Open a port, 0 for any, and close it again; undefined when it is taken. */
async function tryPort({ protocol, hostIp }: PortMapping, number: number): Promise<number | undefined> {
  const host = hostIp === '' ? '0.0.0.0' : hostIp;
  try {
    return protocol === 'tcp' ? await tryTcp(host, number) : await tryUdp(host, number);
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return undefined;
    throw new TspodError(`no port of "${host}" can be opened`, {
      cause: error,
      remedy: 'See its addresses: ip address',
    });
  }
}

async function tryTcp(host: string, number: number): Promise<number> {
  const server = createServer();
  server.listen({ host, port: number, exclusive: true });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function tryUdp(host: string, number: number): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind({ address: host, port: number, exclusive: true });
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
