/** What the host says about its own network, for the files that a container gets. */
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { HostNetwork } from '../../plan/network.ts';
import { readIfPresent } from '../present.ts';

/** Read /etc/hosts and resolv.conf, and find an address of the host. */
export function readHostNetwork(): HostNetwork {
  const address = ownAddress();
  return {
    hosts: readIfPresent('/etc/hosts') ?? '',
    resolvConf: readIfPresent(existsSync(BEHIND_STUB) && isStub() ? BEHIND_STUB : '/etc/resolv.conf') ?? '',
    ...(address === undefined ? {} : { address }),
  };
}

/** The name servers that systemd-resolved asks itself: systemd-resolved.service(8). */
const BEHIND_STUB = '/run/systemd/resolve/resolv.conf';

function isStub(): boolean {
  return /^nameserver\s+127\.0\.0\.5[34]\s*$/m.test(readIfPresent('/etc/resolv.conf') ?? '');
}

/** As Podman chooses it: the first IPv4 address that is not of the loopback interface. */
function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}
