/** /etc/hosts and /etc/resolv.conf of a container, as Podman writes them. */
import { UsageError } from '../errors.ts';
import type { ContainerConfig, NetworkConfig } from '../model/container-config.ts';
import { isIpAddress } from '../model/port-mapping.ts';
import type { HostNetwork } from './network.ts';

/**
 * Compile /etc/hosts: what the user adds, the container's own names, the host's name, then the host's entries.
 *
 * @param address the container's own
 * @throws {UsageError} for a malformed `--add-host`, or `host-gateway` on a host without an address
 */
export function compileHosts(
  { network, hostname, name }: Pick<ContainerConfig, 'network' | 'hostname' | 'name'>,
  host: HostNetwork,
  address?: string,
): string {
  const added = network.addHosts.map((text) => parseAddHost(text, host.address));
  const own = address === undefined ? [] : [{ address, names: [...new Set([hostname, name])].filter(Boolean) }];
  const ofHost = host.address === undefined ? [] : [{ address: host.address, names: [HOST_NAME] }];
  const entries = [...added, ...own, ...ofHost];
  const taken = new Set(entries.flatMap(({ names }) => names));
  const lines = entries.map(({ address, names }) => `${address}\t${names.join(' ')}`);
  return [...keepHosts(host.hosts, taken), ...lines].map((line) => `${line}\n`).join('');
}

/**
 * Compile /etc/resolv.conf. Name servers of the host on its loopback interface are unreachable from inside and
 * left out, except where the container shares that interface.
 *
 * @param text the host's
 * @param nameserver the driver's own, asked first
 */
export function compileResolvConf(network: NetworkConfig, text: string, nameserver?: string): string {
  const isShared = network.mode.kind === 'host';
  const words = text.split('\n').map((line) => line.trim().split(/\s+/));
  const of = (keyword: string) => words.filter(([first]) => first === keyword).map(([, ...rest]) => rest);
  const ofHost = of('nameserver')
    .flatMap(([address]) => address ?? [])
    .filter((address) => isShared || !isLoopback(address));
  const servers = network.dns.length > 0 ? network.dns : [...(nameserver === undefined ? [] : [nameserver]), ...ofHost];
  const search =
    network.dnsSearch.length > 0 ? network.dnsSearch.filter((domain) => domain !== '.') : (of('search').at(-1) ?? []);
  const options = network.dnsOptions.length > 0 ? network.dnsOptions : of('options').flat();
  return [
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...new Set(servers.map((address) => `nameserver ${address}`)),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

const HOST_NAME = 'host.containers.internal';
const HOST_GATEWAY = 'host-gateway';

interface HostsEntry {
  readonly address: string;
  readonly names: readonly string[];
}

/** `NAME[;NAME..]:ADDRESS`; an IPv6 address may stand in brackets. */
function parseAddHost(text: string, hostAddress: string | undefined): HostsEntry {
  const colon = text.indexOf(':');
  const names = text.slice(0, Math.max(colon, 0)).split(';');
  const address = text.slice(colon + 1).replace(/^\[(.*)\]$/, '$1');
  if (names.some((name) => !/^[\w.-]+$/.test(name)) || (address !== HOST_GATEWAY && !isIpAddress(address))) {
    throw new UsageError(`"${text}" is not a name and an address`, {
      remedy: 'Write NAME:ADDRESS: --add-host db:192.168.1.7',
    });
  }
  if (address !== HOST_GATEWAY) return { address, names };
  if (hostAddress === undefined) {
    throw new UsageError(`"${text}" names the host, which has no address of its own`, {
      remedy: 'Connect the host to a network, or allow its loopback: --network slirp4netns:allow_host_loopback=true',
    });
  }
  return { address: hostAddress, names };
}

/** The host's lines, less names that the container defines itself. */
function keepHosts(text: string, taken: ReadonlySet<string>): string[] {
  const kept = text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const own = names.filter((name) => !taken.has(name));
    return own.length > 0 ? [`${address}\t${own.join(' ')}`] : [];
  });
  const has = (address: string) =>
    kept.some((line) => line.startsWith(`${address}\t`) && /\slocalhost(\s|$)/.test(line));
  return [
    ...(has('127.0.0.1') || taken.has('localhost') ? [] : ['127.0.0.1\tlocalhost']),
    ...(has('::1') || taken.has('localhost') ? [] : ['::1\tlocalhost']),
    ...kept,
  ];
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
