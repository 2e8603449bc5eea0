import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkConfig } from '../../../src/model/container-config.ts';
import { compileNetwork, type HostNetwork } from '../../../src/plan/network.ts';
import { exampleConfig } from '../../support/examples.ts';

const host: HostNetwork = {
  hosts: '127.0.0.1 localhost\n127.0.1.1 desk # me\n::1 localhost ip6-localhost\n',
  resolvConf: 'search example.org\nnameserver 127.0.0.53\nnameserver 192.168.1.1\noptions edns0\n',
  address: '192.168.1.7',
};

function compile(change: Partial<NetworkConfig> = {}, from: HostNetwork = host) {
  const network = { ...exampleConfig().network, ...change };
  return compileNetwork({ network, hostname: '0123456789ab', name: 'web' }, from);
}

function options(values: Record<string, string>) {
  return compile({ mode: { kind: 'slirp4netns', options: values } });
}

test('slirp4netns starts with a large MTU, locked in, and without the loopback interface of the host', () => {
  assert.deepEqual(compile().driver, {
    kind: 'slirp4netns',
    args: [
      '--configure',
      '--mtu=65520',
      '--disable-host-loopback',
      '--enable-ipv6',
      '--enable-sandbox',
      '--enable-seccomp',
    ],
    forwards: [],
  });
});

test('a published port without an address is open in both families', () => {
  const { forwards } = compile({
    ports: [{ hostIp: '', hostPort: 8080, containerPort: 80, range: 1, protocol: 'tcp' }],
  });
  const port = { protocol: 'tcp', hostPort: 8080, containerPort: 80, isWildcard: true };
  assert.deepEqual(forwards, [
    { ...port, hostIp: '0.0.0.0' },
    { ...port, hostIp: '::' },
  ]);
});

test('a published port with an address is open there alone', () => {
  const { forwards } = compile({
    ports: [{ hostIp: '127.0.0.1', hostPort: 8000, containerPort: 80, range: 2, protocol: 'udp' }],
  });
  assert.deepEqual(
    forwards.map(({ hostIp, hostPort, containerPort }) => [hostIp, hostPort, containerPort]),
    [
      ['127.0.0.1', 8000, 80],
      ['127.0.0.1', 8001, 81],
    ],
  );
});

test('publishing one port twice is refused', () => {
  const port = { hostIp: '', hostPort: 8080, containerPort: 80, range: 1, protocol: 'tcp' } as const;
  assert.throws(() => compile({ ports: [port, { ...port, containerPort: 81 }] }), {
    message: 'the tcp port "8080" of the host is published twice',
  });
});

test('cidr moves the addresses of the container and of its name server', () => {
  const plan = options({ cidr: '10.9.0.0/16' });
  assert.equal(plan.address, '10.9.0.100');
  assert.match(plan.resolvConf, /^nameserver 10\.9\.0\.3$/m);
});

test('with allow_host_loopback the host is its gateway address', () => {
  assert.match(options({ allow_host_loopback: 'true' }).hosts, /^10\.0\.2\.2\thost\.containers\.internal$/m);
});

test('port_handler=slirp4netns leaves IPv4 ports to slirp4netns', () => {
  const plan = compile({
    mode: { kind: 'slirp4netns', options: { port_handler: 'slirp4netns' } },
    ports: [{ hostIp: '', hostPort: 8080, containerPort: 80, range: 1, protocol: 'tcp' }],
  });
  assert.deepEqual(plan.forwards, []);
  assert.deepEqual(plan.driver.kind === 'slirp4netns' && plan.driver.forwards.map(({ hostIp }) => hostIp), ['0.0.0.0']);
});

for (const [name, value] of [
  ['speed', 'high'],
  ['cidr', '10.0.2.0/30'],
  ['cidr', '10.0.2.7/24'],
  ['mtu', '70000'],
  ['enable_ipv6', 'yes'],
  ['port_handler', 'me'],
  ['outbound_addr', 'a b'],
] as const) {
  test(`the slirp4netns option ${name}=${value} is refused`, () => {
    assert.throws(() => options({ [name]: value }), { name: 'UsageError', message: new RegExp(name) });
  });
}

test('hosts has the entries of the host, the added ones, the container and the host', () => {
  const { hosts } = compile({ addHosts: ['db;store:10.1.1.1', 'up:host-gateway'] });
  assert.equal(
    hosts,
    '127.0.0.1\tlocalhost\n127.0.1.1\tdesk\n::1\tlocalhost ip6-localhost\n10.1.1.1\tdb store\n192.168.1.7\tup\n' +
      '10.0.2.100\t0123456789ab web\n192.168.1.7\thost.containers.internal\n',
  );
});

test('an added host hides the entry that the host has for it', () => {
  assert.doesNotMatch(compile({ addHosts: ['desk:10.1.1.1'] }).hosts, /127\.0\.1\.1/);
});

test('an added host may have an IPv6 address', () => {
  assert.match(compile({ addHosts: ['six:[fd00::7]', 'seven:fd00::8'] }).hosts, /^fd00::7\tsix\nfd00::8\tseven$/m);
});

test('host-gateway on a host without an address is refused', () => {
  const { hosts, resolvConf } = host;
  assert.throws(() => compile({ addHosts: ['up:host-gateway'] }, { hosts, resolvConf }), {
    message: '"up:host-gateway" names the host, which has no address of its own',
  });
});

test('a malformed added host is refused', () => {
  assert.throws(() => compile({ addHosts: ['up'] }), { message: '"up" is not a name and an address' });
});

test('the name server of slirp4netns is asked first, those of the loopback interface are left out', () => {
  assert.equal(
    compile().resolvConf,
    'search example.org\nnameserver 10.0.2.3\nnameserver 192.168.1.1\noptions edns0\n',
  );
});

test('--dns, --dns-search and --dns-option replace what the host has', () => {
  const { resolvConf } = compile({ dns: ['9.9.9.9'], dnsSearch: ['.'], dnsOptions: ['ndots:2'] });
  assert.equal(resolvConf, 'nameserver 9.9.9.9\noptions ndots:2\n');
});

test('a container in the network of the host asks the name servers of the host', () => {
  assert.match(compile({ mode: { kind: 'host' } }).resolvConf, /^nameserver 127\.0\.0\.53$/m);
});

test('without a network nothing is started and no port is opened', () => {
  const plan = compile({
    mode: { kind: 'none' },
    ports: [{ hostIp: '', hostPort: 8080, containerPort: 80, range: 1, protocol: 'tcp' }],
  });
  assert.deepEqual(plan.driver, { kind: 'none' });
  assert.deepEqual(plan.forwards, []);
});

test('a container in the network of another has the files of that one', () => {
  const plan = compile({ mode: { kind: 'container', id: 'x' as never } });
  assert.equal(plan.resolvConf, host.resolvConf);
});

test('the UDP ports of pasta are opened by our forwarder', () => {
  const plan = compile({
    mode: { kind: 'pasta', options: [] },
    ports: [{ hostIp: '127.0.0.1', hostPort: 8053, containerPort: 53, range: 1, protocol: 'udp' }],
  });
  assert.deepEqual(
    plan.forwards.map(({ protocol, hostIp, hostPort }) => [protocol, hostIp, hostPort]),
    [['udp', '127.0.0.1', 8053]],
  );
  assert.ok(plan.driver.kind === 'pasta' && !plan.driver.args.includes('8053:53'));
});

test('pasta opens the published ports and no others', () => {
  const plan = compile({
    mode: { kind: 'pasta', options: ['--mtu', '1500'] },
    ports: [
      { hostIp: '', hostPort: 8080, containerPort: 80, range: 1, protocol: 'tcp' },
      { hostIp: '127.0.0.1', hostPort: 8443, containerPort: 443, range: 1, protocol: 'tcp' },
    ],
  });
  assert.deepEqual(plan.driver.kind === 'pasta' && plan.driver.args, [
    '--config-net',
    '--quiet',
    '--no-map-gw',
    '-t',
    '8080:80',
    '-t',
    '127.0.0.1/8443:443',
    '-u',
    'none',
    '-T',
    'none',
    '-U',
    'none',
    '--mtu',
    '1500',
  ]);
});
