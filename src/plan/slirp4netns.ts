/** The arguments of slirp4netns(1), from the options that Podman takes after `--network slirp4netns:`. */
import { UsageError } from '../errors.ts';

export interface SlirpOptions {
  readonly allowHostLoopback: boolean;
  readonly mtu: number;
  readonly cidr: string | undefined;
  readonly enableIpv6: boolean;
  readonly outboundAddress: string | undefined;
  readonly outboundAddress6: string | undefined;
  /** Who opens published ports: `rootlesskit`, Podman's word for a forwarder beside slirp4netns, or itself. */
  readonly portHandler: 'rootlesskit' | 'slirp4netns';
  /** Addresses inside: of the container, of its gateway (the host), of the name server. */
  readonly address: string;
  readonly gateway: string;
  readonly nameserver: string;
}

/** @throws {UsageError} for an unknown option or a malformed value */
export function parseSlirpOptions(options: Readonly<Record<string, string>>): SlirpOptions {
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`slirp4netns has no option "${unknown}"`, { remedy: `It has ${NAMES.join(', ')}.` });
  }
  const cidr = options['cidr'];
  const network = parseCidr(cidr ?? '10.0.2.0/24');
  return {
    allowHostLoopback: parseBoolean('allow_host_loopback', options, false),
    mtu: parseMtu(options['mtu']),
    cidr,
    enableIpv6: parseBoolean('enable_ipv6', options, true),
    outboundAddress: parseOutbound('outbound_addr', options),
    outboundAddress6: parseOutbound('outbound_addr6', options),
    portHandler: parsePortHandler(options['port_handler']),
    address: formatAddress(network + 100),
    gateway: formatAddress(network + 2),
    nameserver: formatAddress(network + 3),
  };
}

/** The arguments before the descriptors and the process, which are known when it is started. */
export function compileSlirp(options: SlirpOptions): string[] {
  return [
    '--configure',
    `--mtu=${options.mtu}`,
    ...(options.allowHostLoopback ? [] : ['--disable-host-loopback']),
    ...(options.cidr === undefined ? [] : [`--cidr=${options.cidr}`]),
    ...(options.enableIpv6 ? ['--enable-ipv6'] : []),
    ...(options.outboundAddress === undefined ? [] : [`--outbound-addr=${options.outboundAddress}`]),
    ...(options.outboundAddress6 === undefined ? [] : [`--outbound-addr6=${options.outboundAddress6}`]),
    '--enable-sandbox',
    '--enable-seccomp',
  ];
}

const NAMES = ['allow_host_loopback', 'cidr', 'enable_ipv6', 'mtu', 'outbound_addr', 'outbound_addr6', 'port_handler'];

/** The largest that slirp4netns accepts; Podman's default is one less. */
const MAX_MTU = 65_521;
const DEFAULT_MTU = 65_520;

function malformed(name: string, value: string, wanted: string): UsageError {
  return new UsageError(`the slirp4netns option "${name}=${value}" is not valid`, {
    remedy: `Write ${name}=${wanted}.`,
  });
}

function parseBoolean(name: string, options: Readonly<Record<string, string>>, fallback: boolean): boolean {
  const value = options[name];
  if (value === undefined) return fallback;
  if (value !== 'true' && value !== 'false') throw malformed(name, value, 'true or false');
  return value === 'true';
}

function parseMtu(value: string | undefined): number {
  if (value === undefined) return DEFAULT_MTU;
  const mtu = Number(value);
  if (!/^\d+$/.test(value) || mtu < 68 || mtu > MAX_MTU) throw malformed('mtu', value, `a number up to ${MAX_MTU}`);
  return mtu;
}

function parseOutbound(name: string, options: Readonly<Record<string, string>>): string | undefined {
  const value = options[name];
  if (value !== undefined && !/^[\w.:@-]+$/.test(value)) throw malformed(name, value, 'an address or an interface');
  return value;
}

function parsePortHandler(value = 'rootlesskit'): 'rootlesskit' | 'slirp4netns' {
  if (value !== 'rootlesskit' && value !== 'slirp4netns') {
    throw malformed('port_handler', value, 'rootlesskit or slirp4netns');
  }
  return value;
}

/** The network's first address; slirp4netns gives out +2, +3 and +100, so it has to be a /25 or larger. */
function parseCidr(text: string): number {
  const parts = /^(\d{1,3})[.](\d{1,3})[.](\d{1,3})[.](\d{1,3})\/(\d{1,2})$/.exec(text)?.slice(1).map(Number);
  const [a = 256, b = 256, c = 256, d = 256, bits = 33] = parts ?? [];
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const isNumber = [a, b, c, d].every((byte) => byte <= 255) && bits >= 1 && bits <= 25;
  if (!isNumber || address % 2 ** (32 - bits) !== 0)
    throw malformed('cidr', text, 'a network of at most 25 bits: 10.0.2.0/24');
  return address;
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
