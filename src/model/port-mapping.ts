import { UsageError } from '../errors.ts';

/** One published range: `hostPort..hostPort+range-1` of `hostIp` lead to `containerPort..`. */
export interface PortMapping {
  /** An IPv4 or IPv6 address without brackets; empty: all addresses of both families. */
  readonly hostIp: string;
  /** 0 on the command line: any free port; chosen when the container is made. */
  readonly hostPort: number;
  readonly containerPort: number;
  readonly range: number;
  readonly protocol: 'tcp' | 'udp';
}

/**
 * Parse `--publish`: `[[HOST-ADDRESS:][HOST-PORT]:]CONTAINER-PORT[/tcp|/udp]`, ports may be ranges `8000-8010`, an
 * IPv6 address stands in brackets.
 *
 * @throws {UsageError} when the text has another form
 */
export function parsePortMapping(text: string): PortMapping {
  const match = /^(?:(\[[^\]]*\]|[^:[\]]*):)?(?:([^:[\]]*):)?([^:[\]/]+)(?:\/(\w+))?$/.exec(text);
  if (!match) throw malformed(text);
  const [, first, second, container = '', protocol = 'tcp'] = match;
  // With two parts, `8080:80`, the first is a port.
  const address = second === undefined && !first?.startsWith('[') ? undefined : first;
  const host = second ?? (address === undefined ? first : undefined);
  const containerPorts = parsePortRange(container, text);
  const hostPorts = host === undefined || host === '' ? undefined : parsePortRange(host, text);
  if (hostPorts && hostPorts.range !== containerPorts.range) {
    throw new UsageError(
      `"${text}" is not a port mapping: there are ${hostPorts.range} ports of the host for ${containerPorts.range} of the container`,
      { remedy: 'Give two ranges of one length: 8000-8009:80-89' },
    );
  }
  return {
    hostIp: address === undefined ? '' : parseAddress(address, text),
    hostPort: hostPorts?.first ?? 0,
    containerPort: containerPorts.first,
    range: containerPorts.range,
    protocol: parseProtocol(protocol, text),
  };
}

/**
 * Parse `--expose` and an image's exposed port: `80`, `80/udp`, `8000-8010/tcp`.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseExposedPort(text: string): PortMapping {
  const [, ports = '', protocol = 'tcp'] = /^([^/]*)(?:\/(\w+))?$/.exec(text) ?? [];
  const { first, range } = parsePortRange(ports, text);
  return { hostIp: '', hostPort: 0, containerPort: first, range, protocol: parseProtocol(protocol, text) };
}

/** As `ps` and `port` print it: `0.0.0.0:8080->80/tcp`. */
export function formatPortMapping(mapping: PortMapping): string {
  const { hostPort, containerPort, range, protocol } = mapping;
  return `${formatAddress(mapping)}:${portRange(hostPort, range)}->${portRange(containerPort, range)}/${protocol}`;
}

/** Neighbours as one range, as `ps` shows them: 8080:80 and 8081:81 are 8080-8081:80-81. */
export function joinPortMappings(mappings: readonly PortMapping[]): PortMapping[] {
  const groups = Map.groupBy(mappings, ({ hostIp, protocol }) => `${hostIp} ${protocol}`);
  return [...groups.values()].flatMap((group) => {
    const joined: PortMapping[] = [];
    for (const next of group.toSorted((a, b) => a.hostPort - b.hostPort)) {
      const last = joined.at(-1);
      if (last && isNext(last, next)) joined[joined.length - 1] = { ...last, range: last.range + next.range };
      else joined.push(next);
    }
    return joined;
  });
}

/** What is exposed and not published, as `ps` prints it, neighbours as one range: `80-81/tcp`. */
export function formatExposedPorts(exposed: readonly string[], published: readonly PortMapping[]): string[] {
  if (exposed.length === 0) return [];
  const known = new Set(published.flatMap(listPorts).map(({ inside }) => inside));
  const alone = exposed.filter((port) => !known.has(port)).map(parseExposedPort);
  const sorted = alone.sort((a, b) => a.protocol.localeCompare(b.protocol));
  // To joinPortMappings() a neighbour has the next port at both ends.
  const joined = joinPortMappings(sorted.map((port) => ({ ...port, hostPort: port.containerPort })));
  return joined.map(({ containerPort, range, protocol }) => `${portRange(containerPort, range)}/${protocol}`);
}

/** Each port of a range by itself, as `port` prints it: `80/tcp` and `0.0.0.0:8080`. */
export function listPorts(mapping: PortMapping): { readonly inside: string; readonly outside: string }[] {
  const { hostPort, containerPort, range, protocol } = mapping;
  return Array.from({ length: range }, (_, offset) => ({
    inside: `${containerPort + offset}/${protocol}`,
    outside: `${formatAddress(mapping)}:${hostPort + offset}`,
  }));
}

/** Whether the text is an IPv4 or IPv6 address. */
export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

function portRange(first: number, range: number): string {
  return range === 1 ? String(first) : `${first}-${first + range - 1}`;
}

function isNext(before: PortMapping, { hostPort, containerPort }: PortMapping): boolean {
  return hostPort === before.hostPort + before.range && containerPort === before.containerPort + before.range;
}

function formatAddress({ hostIp }: PortMapping): string {
  if (hostIp === '') return '0.0.0.0';
  return hostIp.includes(':') ? `[${hostIp}]` : hostIp;
}

function parsePortRange(ports: string, text: string): { first: number; range: number } {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === undefined || first < 1 || last > 65_535)
    throw malformed(text, `"${ports}" is not a port from 1 to 65535`);
  if (last < first) throw malformed(text, `the range "${ports}" ends before it begins`);
  return { first, range: last - first + 1 };
}

function parseAddress(address: string, text: string): string {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (bare === '' || isIpv4(address) || (address !== bare && isIpv6(bare))) return bare;
  throw malformed(text, `"${address}" is not an address`);
}

function parseProtocol(protocol: string, text: string): 'tcp' | 'udp' {
  const name = protocol.toLowerCase();
  if (name === 'tcp' || name === 'udp') return name;
  throw malformed(text, `the protocol is tcp or udp, not "${protocol}"`);
}

function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text);
}

/** RFC 4291, section 2.2; no zone. */
function isIpv6(text: string): boolean {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined || text === '') return false;
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const all = [...groups(head), ...groups(tail ?? '')];
  const last = all.at(-1);
  const withIpv4 = last?.includes('.') === true && isIpv4(last);
  const count = all.length + (withIpv4 ? 1 : 0);
  const hex = withIpv4 ? all.slice(0, -1) : all;
  return hex.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) && (tail === undefined ? count === 8 : count < 8);
}

function malformed(text: string, reason?: string): UsageError {
  return new UsageError(`"${text}" is not a port mapping${reason === undefined ? '' : `: ${reason}`}`, {
    remedy: 'Write HOST:CONTAINER: 8080:80, 127.0.0.1:8080:80/udp, [::1]:8080:80',
  });
}
