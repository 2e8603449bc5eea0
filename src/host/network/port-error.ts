/** Why a port of the host cannot be opened, and what to do about it. */
import { constants } from 'node:os';
import { TspodError } from '../../errors.ts';
import type { PortForward } from '../../plan/network.ts';

/** @param errno of bind(2) or listen(2) */
export function explainPort({ protocol, hostIp, hostPort }: PortForward, errno: number): TspodError {
  const port = `the ${protocol} port "${hostPort}" of "${hostIp}"`;
  const { EADDRINUSE, EACCES, EADDRNOTAVAIL } = constants.errno;
  switch (errno) {
    case EADDRINUSE:
      return new TspodError(`${port} is already in use`, {
        remedy: `Choose another one, or see who has it: ss -l${protocol === 'tcp' ? 't' : 'u'}np 'sport = :${hostPort}'; tspod ps`,
      });
    case EACCES:
      return new TspodError(`${port} cannot be opened: ports below 1024 are for root`, {
        remedy: `Choose one above 1023, or have an administrator allow it: sysctl net.ipv4.ip_unprivileged_port_start=${hostPort}`,
      });
    case EADDRNOTAVAIL:
      return new TspodError(`${port} cannot be opened: this host does not have that address`, {
        remedy: 'See which it has: ip address',
      });
    default: {
      const code = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? String(errno);
      return new TspodError(`${port} cannot be opened: ${code}`, { remedy: 'tspod doctor' });
    }
  }
}
