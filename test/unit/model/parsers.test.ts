/** What each parser of a flag's value makes of good text, and that bad text is quoted with one that would work. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { UsageError } from '../../../src/errors.ts';
import { parseBytes, parseBytesOrUnlimited } from '../../../src/model/bytes.ts';
import { parseDetachKeys } from '../../../src/model/detach-keys.ts';
import { parseDevice } from '../../../src/model/device.ts';
import { parseDuration, parseSeconds } from '../../../src/model/duration.ts';
import { parseDnsServer, parseHostEntry, parseHostname } from '../../../src/model/host-entry.ts';
import { parseIdMapping } from '../../../src/model/id-mapping.ts';
import { parseSysctl } from '../../../src/model/key-value.ts';
import { parseMount } from '../../../src/model/mount-pairs.ts';
import { parseTmpfs, parseVolume } from '../../../src/model/mount-syntax.ts';
import { parseNamespaceMode, parseNetworkMode, parseUsernsMode } from '../../../src/model/namespace-mode.ts';
import { parseCpus, parseCpuset, parseInteger, parseUmask } from '../../../src/model/numbers.ts';
import { parseExposedPort, parsePortMapping } from '../../../src/model/port-mapping.ts';
import { parseRestartPolicy } from '../../../src/model/restart-policy.ts';
import { parseSignal } from '../../../src/model/signal.ts';
import { parseUlimit } from '../../../src/model/ulimit.ts';
import { parseUser } from '../../../src/model/user.ts';

interface Table {
  readonly parse: (text: string) => unknown;
  readonly good: readonly (readonly [text: string, value: unknown])[];
  readonly bad: readonly string[];
}

const port = { hostIp: '', hostPort: 8080, containerPort: 80, range: 1, protocol: 'tcp' };
const ipc = (text: string) => parseNamespaceMode(text, '--ipc');

const tables: Record<string, Table> = {
  size: {
    parse: parseBytes,
    good: [
      ['64m', 67_108_864],
      ['64M', 67_108_864],
      ['1.5g', 1_610_612_736],
      ['10kb', 10_240],
      ['1KiB', 1024],
      ['4096', 4096],
      ['4096b', 4096],
      ['0', 0],
    ],
    bad: ['', '64q', '-1', 'm', '1.2.3g', '64 mm', '1e3', ' 64m', '64m\n', '99999999999t', '0x10', '１m'],
  },
  'size or unlimited': { parse: parseBytesOrUnlimited, good: [['-1', -1]], bad: ['-2', 'unlimited'] },
  duration: {
    parse: parseDuration,
    good: [
      ['90s', 90_000],
      ['1m30s', 90_000],
      ['1.5h', 5_400_000],
      ['300ms', 300],
      ['0', 0],
    ],
    bad: ['', '10', 's', '-5s', '1d', '1m 30s', '5S'],
  },
  seconds: { parse: parseSeconds, good: [['10', 10]], bad: ['', '-1', '1.5', '10s', '99999999999'] },
  port: {
    parse: parsePortMapping,
    good: [
      ['8080:80', port],
      ['127.0.0.1:8080:80/udp', { ...port, hostIp: '127.0.0.1', protocol: 'udp' }],
      ['[::1]:8080:80', { ...port, hostIp: '::1' }],
      ['[fe80::1:2]:8080:80/TCP', { ...port, hostIp: 'fe80::1:2' }],
      ['80', { ...port, hostPort: 0 }],
      [':80', { ...port, hostPort: 0 }],
      ['127.0.0.1::80', { ...port, hostIp: '127.0.0.1', hostPort: 0 }],
      ['8000-8009:80-89', { ...port, hostPort: 8000, range: 10 }],
      ['80-89', { ...port, hostPort: 0, range: 10 }],
      ['::80', { ...port, hostPort: 0 }],
    ],
    bad: [
      '',
      ':',
      '0:80',
      '80:0',
      '80:65536',
      '8080:80/',
      '8080:80/icmp',
      '8080:80/sctp',
      'http:80',
      '80:http',
      '8000-8010:80',
      '90-80:90-80',
      '80-:80',
      '1.2.3:80:80',
      '256.0.0.1:80:80',
      '::1:80:80',
      '[::1:80:80',
      '[]:80:80:80',
      '[:::]:80:80',
      'localhost:80:80',
      '80:80:80:80',
      '-p',
      ' 80:80',
      '80:80 ',
      '8080:80\n',
      '٨٠:80',
    ],
  },
  'exposed port': {
    parse: parseExposedPort,
    good: [['53/udp', { ...port, hostPort: 0, containerPort: 53, protocol: 'udp' }]],
    bad: ['', 'a', '80/xyz', '8080:80', '0'],
  },
  signal: {
    parse: parseSignal,
    good: [
      ['SIGTERM', 15],
      ['term', 15],
      ['9', 9],
      ['RTMIN+3', 37],
      ['SIGRTMAX-1', 63],
      ['sigkill', 9],
    ],
    bad: ['', '0', '65', '-1', 'SIG', 'SIGFOO', 'TERM+1', 'RTMIN+40', 'RTMIN-1', 'toString', '15 '],
  },
  ulimit: {
    parse: parseUlimit,
    good: [
      ['nofile=1024:2048', { name: 'nofile', soft: 1024, hard: 2048 }],
      ['NPROC=5', { name: 'nproc', soft: 5, hard: 5 }],
      ['RLIMIT_CORE=-1', { name: 'core', soft: -1, hard: -1 }],
      ['core=0:-1', { name: 'core', soft: 0, hard: -1 }],
    ],
    bad: ['', 'nofile', 'nofile=', 'nofile=a', 'files=1', 'nofile=5:4', 'nofile=-1:4', 'nofile=-2', 'nofile=1:2:3'],
  },
  'restart policy': {
    parse: parseRestartPolicy,
    good: [
      ['always', { name: 'always' }],
      ['on-failure:3', { name: 'on-failure', maxRetries: 3 }],
      ['on-failure', { name: 'on-failure', maxRetries: 0 }],
      ['', { name: 'no' }],
    ],
    bad: ['often', 'on-failure:', 'on-failure:x', 'on-failure:-1', 'always:3', 'ALWAYS'],
  },
  user: {
    parse: parseUser,
    good: ['1', '1:', ':1', '1:1', 'user', 'user:2', '007', '4294967294', 'www-data:www-data', 'm.smith@corp'].map(
      (text) => [text, text] as const,
    ),
    bad: [':', '-1', '4294967295', '4294967296', ' 1', '1 ', 'a:b:c', 'a b', 'a\nb', '../etc', '1:-1'],
  },
  cpus: {
    parse: parseCpus,
    good: [
      ['1.5', { cpuQuotaUs: 150_000, cpuPeriodUs: 100_000 }],
      ['.5', { cpuQuotaUs: 50_000, cpuPeriodUs: 100_000 }],
      ['0', undefined],
    ],
    bad: ['', '-1', 'two', '0.001', '1,5', 'Infinity', 'NaN'],
  },
  cpuset: { parse: parseCpuset, good: [['0-3,5', '0-3,5']], bad: ['', '3-1', 'a', '0,', '0-', '-1'] },
  umask: { parse: parseUmask, good: [['0022', 18]], bad: ['', '9', '00222', '-1', '77777'] },
  number: {
    parse: (text) => parseInteger(text, { least: 0, most: 9 }),
    good: [['3', 3]],
    bad: ['', '-1', '10', '1.5', 'x'],
  },
  device: {
    parse: parseDevice,
    good: [
      ['/dev/fuse', { host: '/dev/fuse', container: '/dev/fuse', permissions: 'rwm' }],
      ['/dev/fuse:rw', { host: '/dev/fuse', container: '/dev/fuse', permissions: 'rw' }],
      ['/dev/a:/dev/b:r', { host: '/dev/a', container: '/dev/b', permissions: 'r' }],
    ],
    bad: ['', 'fuse', '/dev/a:b', '/dev/a:/dev/b:x', '/dev/a:/dev/b:r:w', '/dev/../etc/shadow:/x', '/dev/a:rr'],
  },
  'id mapping': {
    parse: parseIdMapping,
    good: [
      ['0:1:1000', { inside: 0, outside: 1, size: 1000 }],
      ['5:6', { inside: 5, outside: 6, size: 1 }],
    ],
    bad: ['', '0', '0:1:0', '0:1:x', '-1:0:1', '0:1:2:3', '0:4294967295:1', '4294967290:0:10'],
  },
  'detach keys': {
    parse: parseDetachKeys,
    good: ['', 'ctrl-p,ctrl-q', 'a', 'ctrl-@', 'ctrl-\\,x'].map((text) => [text, text] as const),
    bad: ['ctrl-', 'ctrl-P', 'ctrl-1', 'ab', 'a,,b', 'ctrl-p,', ' '],
  },
  'hosts entry': {
    parse: parseHostEntry,
    good: [
      ['db:10.0.0.5', 'db:10.0.0.5'],
      ['db:[::1]', 'db:::1'],
      ['h:host-gateway', 'h:host-gateway'],
    ],
    bad: ['', 'db', 'db:', ':10.0.0.5', 'db:10.0.0', 'a b:10.0.0.5', 'db:10.0.0.5\n1.2.3.4 evil'],
  },
  dns: {
    parse: parseDnsServer,
    good: [['1.1.1.1', '1.1.1.1']],
    bad: ['', 'dns.example', '1.1.1', '1.1.1.1\noptions x'],
  },
  hostname: { parse: parseHostname, good: [['web-1', 'web-1']], bad: ['', '-a', 'a b', 'a\n', 'x'.repeat(65)] },
  sysctl: {
    parse: parseSysctl,
    good: [
      ['net.ipv4.ip_forward=1', { key: 'net.ipv4.ip_forward', value: '1' }],
      ['kernel/msgmax=5', { key: 'kernel.msgmax', value: '5' }],
    ],
    bad: ['', 'a', '=1', 'a..b=1', '../../etc=1', '.a=1', 'a b=1'],
  },
  'ipc mode': {
    parse: ipc,
    good: [
      ['host', { kind: 'host' }],
      ['shareable', { kind: 'private', scope: 'shareable' }],
      ['container:web', { kind: 'container', name: 'web' }],
      ['ns:/proc/1/ns/ipc', { kind: 'path', path: '/proc/1/ns/ipc' }],
    ],
    bad: ['hots', 'container:', 'ns:', 'ns:relative', 'container'],
  },
  network: {
    parse: parseNetworkMode,
    good: [
      ['none', { kind: 'none' }],
      ['slirp4netns', { kind: 'slirp4netns', options: {} }],
      ['slirp4netns:mtu=1500,enable_ipv6=true', { kind: 'slirp4netns', options: { mtu: '1500', enable_ipv6: 'true' } }],
      ['pasta:-T,80', { kind: 'pasta', options: ['-T', '80'] }],
      ['container:web', { kind: 'container', name: 'web' }],
    ],
    bad: ['', 'nome', 'slirp4netns:mtu', 'slirp4netns:speed=9', 'container:', 'ns:x', 'host:x'],
  },
  userns: {
    parse: parseUsernsMode,
    good: [
      ['keep-id', { kind: 'keep-id' }],
      ['keep-id:uid=200,gid=210', { kind: 'keep-id', uid: 200, gid: 210 }],
      ['auto:size=4096', { kind: 'auto', size: 4096 }],
      [
        'auto:uidmapping=1000:0:1,uidmapping=0:1:2,gidmapping=5:6:1',
        {
          kind: 'auto',
          uidMap: [
            { inside: 1000, outside: 0, size: 1 },
            { inside: 0, outside: 1, size: 2 },
          ],
          gidMap: [{ inside: 5, outside: 6, size: 1 }],
        },
      ],
      ['host', { kind: 'host' }],
      ['nomap', { kind: 'nomap' }],
    ],
    bad: [
      'keepid',
      'keep-id:',
      'keep-id:size=3',
      'keep-id:uid=x',
      'auto:uid=1',
      'auto:size',
      'auto:uidmapping=1',
      'unmapped',
    ],
  },
  volume: {
    parse: (text) => parseVolume(text, '/home/me'),
    good: [
      ['/a:/b', { type: 'bind', source: '/a', target: '/b', options: [] }],
      ['./a:/b:ro,z', { type: 'bind', source: '/home/me/a', target: '/b', options: ['ro', 'z'] }],
      ['/a:/b:cached,ro', { type: 'bind', source: '/a', target: '/b', options: ['ro'] }],
      ['/a:/b:delegated', { type: 'bind', source: '/a', target: '/b', options: [] }],
      ['..:/b', { type: 'bind', source: '/home', target: '/b', options: [] }],
      ['data:/b:rw', { type: 'volume', name: 'data', target: '/b', options: ['rw'] }],
      [
        '/a:/b:O,upperdir=/up,workdir=work/',
        { type: 'bind', source: '/a', target: '/b', options: ['O'], kept: { upper: '/up', work: '/home/me/work' } },
      ],
      [
        'data:/b:upperdir=u,O,U,workdir=w',
        {
          type: 'volume',
          name: 'data',
          target: '/b',
          options: ['O', 'U'],
          kept: { upper: '/home/me/u', work: '/home/me/w' },
        },
      ],
      ['/b', { type: 'volume', target: '/b', options: [] }],
    ],
    bad: [
      '',
      ':',
      ':/b',
      '/a:',
      '/a:b',
      'a/b:/c',
      '/a:/b:ro:x',
      '/a:/b:foo',
      '/a:/b:ro,rw',
      '/a:/',
      '-a:/b',
      '/a:/b:z,Z',
      '/a:/b:O,upperdir=/u',
      '/a:/b:O,workdir=/w',
      '/a:/b:O,upperdir=,workdir=/w',
      '/a:/b:O,upperdir=/u,upperdir=/v,workdir=/w',
      '/a:/b:O,upperdir=/u,workdir=/u/w',
      '/a:/b:O,upperdir=/u,workdir=/u',
      '/a:/b:upperdir=/u,workdir=/w',
    ],
  },
  mount: {
    parse: (text) => parseMount(text, '/home/me'),
    good: [
      ['type=bind,src=/a,dst=/b,ro', { type: 'bind', source: '/a', target: '/b', options: ['ro'] }],
      [
        'type=bind,source=a,target=/b,readonly=false,bind-propagation=rslave',
        { type: 'bind', source: '/home/me/a', target: '/b', options: ['rw', 'rslave'] },
      ],
      ['source=data,target=/b', { type: 'volume', name: 'data', target: '/b', options: [] }],
      ['type=volume,target=/b', { type: 'volume', target: '/b', options: [] }],
      ['type=tmpfs,dst=/b,tmpfs-size=64m', { type: 'tmpfs', target: '/b', options: ['size=64m'] }],
      ['type=tmpfs,dst=/b,U,noexec,rslave', { type: 'tmpfs', target: '/b', options: ['U', 'noexec', 'rslave'] }],
      ['type=image,src=web:1,dst=/b', { type: 'image', source: 'web:1', target: '/b', options: ['ro'] }],
      [
        'type=image,src=web:1,dst=/b,subpath=/c',
        { type: 'image', source: 'web:1', target: '/b', options: ['ro'], subpath: '/c' },
      ],
      ['type=image,src=web:1,dst=/b,rw=true', { type: 'image', source: 'web:1', target: '/b', options: ['rw'] }],
      ['type=image,src=web:1,dst=/b,readwrite=0', { type: 'image', source: 'web:1', target: '/b', options: ['ro'] }],
      ['type=glob,src=lib*,dst=/b,ro', { type: 'glob', source: '/home/me/lib*', target: '/b', options: ['ro'] }],
      ['type=glob,src=/a/[^b]*', { type: 'glob', source: '/a/[^b]*', options: [] }],
      ['type=bind,"source=/a,b",target=/c', { type: 'bind', source: '/a,b', target: '/c', options: [] }],
      [
        'type=bind,src=/a,dst=/b,O,"upperdir=/u,p",workdir=/w',
        { type: 'bind', source: '/a', target: '/b', options: ['O'], kept: { upper: '/u,p', work: '/w' } },
      ],
      [
        'type=volume,src=v,dst=/b,"volume-opt=o=uid=5,gid=6",volume-opt=nocopy',
        {
          type: 'volume',
          name: 'v',
          target: '/b',
          options: [],
          volumeOptions: { GID: '6', UID: '5', nocopy: '', o: 'uid=5,gid=6' },
        },
      ],
      [
        'dst=/b,ro,volume-opt=type=tmpfs',
        { type: 'volume', target: '/b', options: ['ro'], volumeOptions: { type: 'tmpfs' } },
      ],
    ],
    bad: [
      '',
      'type=bind',
      'type=bind,target=/b',
      'type=bind,src=/a',
      'type=bnd,src=/a,dst=/b',
      'type=tmpfs,src=/a,dst=/b',
      'type=bind,src=/a,dst=/b,color=red',
      'type=bind,src=/a,dst=b',
      'type=volume,src=/a,dst=/b',
      'type=bind,src=/a,dst=/b,ro=maybe',
      'type=bind,src=/a,dst=/b,bind-propagation=up',
      'type=tmpfs,dst=/b,tmpfs-size=big',
      'type=tmpfs,dst=/b,z',
      'type=ramfs,dst=/b,U',
      'type=devpts,dst=/b,nocopy',
      'type=volume,src=v,dst=/b,upperdir=/u,workdir=/w',
      'type=bind,src=/a,dst=/b,O,upperdir=/u',
      'type=bind,src=/a,dst=/b,volume-opt=nocopy',
      'type=glob,src=/a/*,dst=/b,O,upperdir=/u,workdir=/w',
      'type=tmpfs,dst=/b,upperdir=/u,workdir=/w',
    ],
  },
  tmpfs: {
    parse: parseTmpfs,
    good: [
      ['/t:size=64m,mode=1777', { type: 'tmpfs', target: '/t', options: ['size=64m', 'mode=1777'] }],
      ['/t:U,rslave,nr_blocks=4k', { type: 'tmpfs', target: '/t', options: ['U', 'rslave', 'nr_blocks=4k'] }],
    ],
    bad: ['', 't', '/t:', '/t:size=x', '/t:foo', '/t:size=1m,,ro', '/'],
  },
};

for (const [name, { parse, good, bad }] of Object.entries(tables)) {
  suite(name, () => {
    for (const [text, value] of good)
      test(`${JSON.stringify(text)} is understood`, () => assert.deepEqual(parse(text), value));
    for (const text of bad) {
      test(`${JSON.stringify(text)} is refused, quoted, with one that works`, () => {
        assert.throws(
          () => parse(text),
          (error: unknown) =>
            error instanceof UsageError && error.message.includes(text) && (error.remedy ?? '').length > 8,
        );
      });
    }
  });
}
