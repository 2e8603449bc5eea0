/** The network of a container: which program serves it with which arguments, which ports lead into it, which names it knows. */
import { UsageError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { compilePasta } from './pasta.ts';
import { compileHosts, compileResolvConf } from './network-files.ts';
import { compileSlirp, parseSlirpOptions } from './slirp4netns.ts';

/** What the host says about its network; found by host/network/host-files.ts. */
export interface HostNetwork {
  /** The text of /etc/hosts. */
  readonly hosts: string;
  /** The text of resolv.conf; the one behind systemd-resolved's stub where there is one. */
  readonly resolvConf: string;
  /** An address under which other machines reach the host; missing: it has none. */
  readonly address?: string;
}

/** One published port. */
export interface PortForward {
  readonly protocol: 'tcp' | 'udp';
  /** Without brackets; each socket has one family. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  /** The user named no address: a family that this host lacks is passed over. */
  readonly isWildcard: boolean;
}

export type NetworkDriver =
  /** Nothing has to be started. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'slirp4netns';
      readonly args: readonly string[];
      /** slirp4netns itself forwards, by its API, and keeps the client's address: IPv4 alone. */
      readonly forwards: readonly PortForward[];
    }
  | { readonly kind: 'pasta'; readonly args: readonly string[]; readonly forwards: readonly PortForward[] };

export interface NetworkPlan {
  readonly driver: NetworkDriver;
  /** Ports that our own forwarder opens. */
  readonly forwards: readonly PortForward[];
  /** The address in the container that ports lead to. */
  readonly address: string;
  /** Texts of the container's /etc/hosts and /etc/resolv.conf. */
  readonly hosts: string;
  readonly resolvConf: string;
}

/**
 * Compile the network of a container.
 *
 * @param host what the host says; for a container that joins another's network, the texts are that one's
 * @throws {UsageError} for an option that the driver does not have
 */
export function compileNetwork(
  config: Pick<ContainerConfig, 'network' | 'hostname' | 'name'>,
  host: HostNetwork,
): NetworkPlan {
  const { mode } = config.network;
  const forwards = expandPorts(config);
  const texts = (nameserver?: string, address?: string, hostAddress = host.address) => ({
    hosts: compileHosts(config, { ...host, ...(hostAddress === undefined ? {} : { address: hostAddress }) }, address),
    resolvConf: compileResolvConf(config.network, host.resolvConf, nameserver),
  });
  const bare = { driver: { kind: 'none' }, forwards: [], address: '' } as const;
  switch (mode.kind) {
    case 'slirp4netns': {
      const options = parseSlirpOptions(mode.options);
      const isOwnHandler = options.portHandler === 'slirp4netns';
      return {
        driver: {
          kind: 'slirp4netns',
          args: compileSlirp(options),
          forwards: isOwnHandler ? forwards.filter(({ hostIp }) => !hostIp.includes(':')) : [],
        },
        forwards: isOwnHandler ? [] : forwards,
        address: options.address,
        ...texts(options.nameserver, options.address, options.allowHostLoopback ? options.gateway : host.address),
      };
    }
    case 'pasta': {
      // The pasta of Debian 12 loses the replies of UDP where the ports differ: our forwarder does not.
      const [tcp, udp] = [forwards.filter(isTcp), forwards.filter((forward) => !isTcp(forward))];
      return {
        driver: { kind: 'pasta', args: compilePasta(mode.options, tcp), forwards: tcp },
        forwards: udp,
        address: '127.0.0.1',
        ...texts(undefined, host.address),
      };
    }
    case 'none':
    case 'private':
    case 'path':
      return { ...bare, ...texts(undefined, '127.0.0.1') };
    case 'host':
      return { ...bare, ...texts(undefined, '127.0.0.1', '127.0.0.1') };
    case 'container':
      return { ...bare, hosts: host.hosts, resolvConf: host.resolvConf };
  }
}

function isTcp({ protocol }: PortForward): boolean {
  return protocol === 'tcp';
}

/** One entry for each port and each family. */
function expandPorts({ network }: Pick<ContainerConfig, 'network'>): PortForward[] {
  const forwards = network.ports.flatMap(({ hostIp, hostPort, containerPort, range, protocol }) =>
    Array.from({ length: range }, (_, index) => index).flatMap((index) =>
      (hostIp === '' ? ['0.0.0.0', '::'] : [hostIp]).map((address) => ({
        protocol,
        hostIp: address,
        hostPort: hostPort + index,
        containerPort: containerPort + index,
        isWildcard: hostIp === '',
      })),
    ),
  );
  const seen = new Set<string>();
  for (const { protocol, hostIp, hostPort } of forwards) {
    const key = `${protocol} ${hostIp} ${hostPort}`;
    if (seen.has(key)) {
      throw new UsageError(`the ${protocol} port "${hostPort}" of the host is published twice`, {
        remedy: 'Choose another port of the host for one of them.',
      });
    }
    seen.add(key);
  }
  return forwards;
}
