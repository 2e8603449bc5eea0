/** Every flag of `run`, `create` and `exec` that takes a value refuses what it cannot mean, and shows what it can. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Exec from '../../../commands/exec.ts';
import Run from '../../../commands/run.ts';
import { isUnsetWhenEmpty } from '../../../src/cli/empty-values.ts';
import { refusedFlags } from '../../../src/cli/container-flags/refused.ts';
import { toContainerRequest } from '../../../src/cli/container-request.ts';
import type { ContainerFlags } from '../../../src/cli/container-flags.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import type { FlagDefinitions } from '../../../src/cli/split-command-line.ts';
import { UsageError } from '../../../src/errors.ts';

interface Values {
  /** With a second text where the error shows that one. */
  readonly bad: readonly (string | readonly [value: string, shown: string])[];
  /** Stands in the error, and is accepted. */
  readonly good: string;
}

const seconds: Values = { bad: ['', '-1', '1.5', '10s', 'x'], good: '10' };
const duration: Values = { bad: ['', '10', 's', '-5s', '1d', '1m 30s', '5S'], good: '1m30s' };
const namespace: Values = { bad: ['mine', 'container:', 'ns:', 'ns:relative', 'hostx', 'Private'], good: 'private' };
const devices = {
  bad: ['', '/dev/sda', 'sda:1', '/dev/sda:', '/dev/sda:x', '/dev/../etc:1', '/dev/sda:-1', '/dev/sda:0'],
};
const mapping: Values = { bad: ['', '0', '0:1:0', '0:x:1', '-1:0:1', '0:0:4294967296', '0:1:2:3'], good: '0:1:1000' };
const user: Values = {
  bad: [
    ':',
    '-1',
    '4294967295',
    '4294967296',
    ' 1',
    '1 ',
    '1:1:1',
    '0x1',
    '1e3',
    '+1',
    'a b',
    'a\nb',
    '$(id)',
    '%u',
    "'",
    'ü',
  ],
  good: '1000:1000',
};
const workdir: Values = { bad: ['work', './work', '../work', ' /work'], good: '/work' };
const keys: Values = { bad: ['ctrl', 'ctrl-', 'ctrl-1', 'ctrl-p,,ctrl-q', 'ab', 'ctrl-pp'], good: 'ctrl-p,ctrl-q' };
const capability: Values = { bad: ['', 'fly', 'CAP_', 'net raw', 'CAP_NET_RAW\n'], good: 'net_raw' };
const size: Values = { bad: ['', '64q', '-1', 'm', '1e3', ' 64m', '64m\n', '0x10', '1,5g'], good: '512m' };
const cpuset: Values = { bad: ['', '0-', '3-1', 'a', '0,,1', '-1', '0;1'], good: '0-3,5' };
const text = (least: number, bad: readonly string[] = []): Values => ({
  bad: ['', 'x', '1.5', '1e1', '0x1', ' 1', '99999999999999999', ...bad],
  good: String(least),
});
const chosenInAnyCase = (good: string): Values => ({ bad: ['', 'nonsense', `${good} `], good });
const chosen = (good: string): Values => ({ bad: [...chosenInAnyCase(good).bad, good.toUpperCase()], good });

const VALUES: Readonly<Record<string, Values>> = {
  chrootdirs: { bad: ['', 'srv', '/', '/..'], good: '/srv/chroot' },
  hostuser: { bad: ['', '-1', 'a b', 'a:b', 'a/b'], good: '1000' },
  personality: { bad: ['', 'linux', 'LINUX64'], good: 'LINUX32' },
  retry: text(1, ['-1']),
  'retry-delay': duration,
  'add-host': {
    bad: ['', 'db', 'db:', ':10.0.0.5', 'db:10.0.0', 'db:10.0.0.256', 'a b:10.0.0.5', 'db:1::2::3'],
    good: 'db:10.0.0.5',
  },
  annotation: { bad: ['', 'a', '=a', ' =a'], good: 'org.example.team=web' },
  attach: chosenInAnyCase('stdout'),
  'blkio-weight': text(10, ['9', '1001', '-1']),
  'blkio-weight-device': { bad: [...devices.bad, '/dev/sda:9', '/dev/sda:1001'], good: '/dev/sda:500' },
  'cap-add': capability,
  'cap-drop': capability,
  'cgroup-conf': {
    bad: ['', 'memory.high', '=1', 'memory.high=', '../x=1', 'cgroup.procs=1', 'a/b.c=1', 'high=1'],
    good: 'memory.high=1073741824',
  },
  cgroupns: namespace,
  cgroups: chosen('enabled'),
  'cpu-period': text(1000, ['999', '1000001', '-1']),
  'cpu-quota': text(1000, ['999', '-2']),
  'cpu-shares': text(1, ['x', '1.5', '-1']),
  cpus: { bad: ['', 'x', '-1', '0.001', '1,5', '1e1', 'all', '1.5.2'], good: '1.5' },
  'cpuset-cpus': cpuset,
  'cpuset-mems': cpuset,
  'detach-keys': keys,
  device: {
    bad: ['', 'fuse', '/dev/fuse:', '/dev/fuse:/dev/fuse:x', '/dev/fuse:/dev/fuse:rwmr', '/dev/../x', '/a:/b:rw:x'],
    good: '/dev/fuse:/dev/fuse:rw',
  },
  'device-cgroup-rule': {
    bad: ['', 'c', 'c 42:* rwmx', 'x 42:* r', 'c 42 r', 'c 42:*', 'c 42:* rr', 'c -1:* r'],
    good: 'c 42:* rwm',
  },
  'device-read-bps': { bad: devices.bad, good: '/dev/sda:1mb' },
  'device-read-iops': { bad: devices.bad, good: '/dev/sda:1000' },
  'device-write-bps': { bad: devices.bad, good: '/dev/sda:1mb' },
  'device-write-iops': { bad: devices.bad, good: '/dev/sda:1000' },
  dns: { bad: ['', 'dns.example', '1.1.1', '1.1.1.256', '1.1.1.1 ', 'none '], good: '1.1.1.1' },
  env: { bad: ['=', '=value', ''], good: 'LANG=C' },
  'env-merge': { bad: ['', 'PATH', '=x'], good: 'PATH=${PATH}:/opt/bin' },
  expose: { bad: ['', '0', '65536', '80-79', 'http', '80/sctpx', '80:80', '-80'], good: '8080' },
  gidmap: mapping,
  'group-entry': {
    bad: ['', 'a', 'a:b', 'a:x:y:z', ':x:1:', 'a b:x:1:', 'a:x:1:b\nroot:x:0:'],
    good: '$GROUPNAME:x:$GID:$USERLIST',
  },
  'health-interval': duration,
  'health-log-destination': { bad: [''], good: '/var/log/health' },
  'health-max-log-count': text(1, ['-1', '1001']),
  'health-max-log-size': text(1, ['-1', '65537']),
  'health-on-failure': chosen('kill'),
  'health-retries': text(1, ['0', '-1']),
  'health-start-period': duration,
  'health-startup-interval': duration,
  'health-startup-retries': text(1, ['-1']),
  'health-startup-success': text(1, ['-1']),
  'health-startup-timeout': duration,
  'health-timeout': duration,
  hostname: { bad: ['', '-web', 'a b', 'a\nb', 'a/b', 'ü', 'x'.repeat(65), '$HOST', '"'], good: 'web-1' },
  'image-volume': chosen('bind'),
  ipc: namespace,
  label: { bad: ['', '=', '=web', ' =web'], good: 'app=web' },
  'log-driver': chosen('k8s-file'),
  'log-opt': {
    bad: ['', ['path', 'path=/FILE'], ['path=relative', 'path=/FILE'], 'labels', '=1'],
    good: 'max-size=10m',
  },
  memory: size,
  'memory-reservation': size,
  'memory-swap': { bad: ['', '-2', 'x', '1e9'], good: '512m' },
  'memory-swappiness': { bad: ['', 'x', '-2', '101'], good: '-1' },
  mount: {
    bad: [
      '',
      'type=bind',
      'type=bind,target=/a',
      'type=foo,target=/a',
      'type=image,target=/a',
      'type=image,source=web',
      'type=image,source=web,target=/a,rw=2',
      'type=image,source=web,target=/a,U',
      'type=image,source=web,target=/a,subpath=',
      'type=bind,source=/a,target=/a,subpath=b',
      'type=glob,target=/a',
      'type=glob,source=/a[',
      'type=glob,source=/a*,size=1m',
      'type=ramfs,source=/a,target=/b',
      'type=devpts,target=/a,uid=x',
      'type=devpts,target=/a,size=1m',
      'type=ramfs,target=/a,max=1',
      'type=bind,source=/a,target=b',
      'type=tmpfs,source=/a,target=/b',
      'target=/a,rx',
      'type=bind,source=/a,target=/',
    ],
    good: 'type=bind,source=/srv/www,target=/www,ro',
  },
  name: {
    bad: [
      '',
      '-web',
      '.web',
      'a b',
      'a/b',
      '../a',
      'a\nb',
      'a"b',
      "a'b",
      'a%b',
      'a$b',
      'ü',
      '\ufffd',
      'x'.repeat(4096),
    ],
    good: 'web-1',
  },
  network: {
    bad: [
      '',
      'nonesuch',
      'container:',
      'ns:x',
      ['slirp4netns:speed=9', 'mtu'],
      ['slirp4netns:mtu', '=VALUE'],
      ['pasta:WORD', '--mtu,1500'],
      ['pasta:--mtu,1500,WORD', '--mtu,1500'],
      'none:x',
    ],
    good: 'none',
  },
  'oom-score-adj': text(1, ['1001', '-1001']),
  'passwd-entry': {
    bad: [
      '',
      'me',
      'me:x:1000',
      'me:*:x:0::/:/bin/sh',
      ':*:1:1::/:/bin/sh',
      'me:*:1:1::/:/bin/sh\nroot::0:0::/:/bin/sh',
    ],
    good: '$USERNAME:*:$UID:$GID::$HOME:/bin/sh',
  },
  pid: namespace,
  'pids-limit': text(1, ['-2']),
  platform: { bad: ['', '/', 'linux/', '/amd64', 'a/b/c/d', 'linux amd64'], good: 'linux/arm64' },
  'preserve-fds': text(1, ['-1', '1025']),
  publish: {
    bad: [
      '',
      ':',
      'http',
      '0:80',
      '80:0',
      '70000:80',
      '80:80:80:80',
      ['8000-8009:80-88', '8000-8009:80-89'],
      '1.2.3:80:80',
      '::1:80:80',
      '80:80/icmp',
      '80:80/tcp/udp',
      ' 80:80',
    ],
    good: '8080:80',
  },
  pull: chosenInAnyCase('missing'),
  restart: {
    bad: ['sometimes', 'on-failure:', 'on-failure:x', 'on-failure:-1', 'always:3', 'No'],
    good: 'on-failure',
  },
  'seccomp-policy': chosen('default'),
  sdnotify: chosen('container'),
  secret: {
    bad: [
      '',
      'type=env',
      'db,foo=1',
      'db,mode=99',
      'db,mode=',
      'db,uid=x',
      'db,gid=-1',
      'db,type=file',
      'db,type=env,uid=1',
      'db,type=env,target=A=B',
      'db,target=/',
      'db,target=.',
    ],
    good: 'db-password,target=password,mode=0400',
  },
  'security-opt': {
    bad: [
      '',
      'nonsense',
      'seccomp=',
      'no-new-privileges=maybe',
      'mask=relative',
      'unmask=x',
      'proc-opts=suid',
      'apparmor=x',
    ],
    good: 'no-new-privileges',
  },
  'shm-size': size,
  'stop-signal': { bad: ['', 'SIGNOTHING', '0', '65', '-1', 'TERM '], good: 'SIGTERM' },
  'stop-timeout': seconds,
  sysctl: {
    bad: ['', 'net.ipv4.ip_forward', '=1', 'a..b=1', '../x=1', 'a b=1', '.a=1'],
    good: 'net.ipv4.ip_forward=1',
  },
  systemd: chosenInAnyCase('always'),
  timeout: seconds,
  tmpfs: {
    bad: ['', 'tmp', '/', '/tmp:size', '/tmp:size=x', '/tmp:mode=999', '/tmp:evil', ':size=1m'],
    good: '/tmp:size=64m',
  },
  tz: {
    bad: ['', '..', '../etc/passwd', '/etc/passwd', 'Europe/../Berlin', 'Europe Berlin', 'Europe/', 'a\nb'],
    good: 'Europe/Berlin',
  },
  uidmap: mapping,
  ulimit: {
    bad: ['', 'nofile', 'nofile=', 'nofile=x', 'nofile=2:1', 'nofile=1:2:3', 'none=1', 'nofile=-2', 'nofile=-1:5'],
    good: 'nofile=1024:2048',
  },
  umask: { bad: ['', '8', '999', '01777', '00022', '-1', '0o22', 'u=rwx'], good: '0022' },
  user,
  userns: {
    bad: [
      'mine',
      'keep-id:',
      ['keep-id:uid=x', 'keep-id:uid=1000'],
      ['keep-id:size=1', 'uid, gid'],
      ['auto:size=', 'auto:size=1000'],
      ['auto:uid=1', 'size'],
      'host:x',
    ],
    good: 'keep-id',
  },
  uts: namespace,
  volume: {
    bad: ['', ':', ':/a', '/a:', '/a:b', '/a:/b:rx', '/a:/b:ro:rw', '/a:/b:ro,rw', '/a:/', 'a b:/c', '$a:/b', 'ü:/a'],
    good: './site:/srv/www:ro',
  },
  workdir,
  'volumes-from': { bad: ['', ':ro', 'a b', 'data:rx', 'data:ro,rw', '../data'], good: 'data:ro' },
};

/** Names of files, variables, programs and the like: any text is one, or it is looked for and not found. */
const FREE = [
  'cert-dir',
  'creds',
  'subgidname',
  'subuidname',
  'arch',
  'authfile',
  'cgroup-parent',
  'cidfile',
  'conmon-pidfile',
  'dns-option',
  'dns-search',
  'entrypoint',
  'env-file',
  'group-add',
  'health-cmd',
  'health-startup-cmd',
  'hosts-file',
  'init-path',
  'label-file',
  'os',
  'pidfile',
  'requires',
  'rootfs',
  'signature-policy',
  'unsetenv',
  'variant',
];
/** They change nothing, and are whole numbers. */
const IGNORED = ['cpu-rt-period', 'cpu-rt-runtime', 'kernel-memory'];

async function runRequest(...words: string[]) {
  const { flags, given, argv } = await parseCommandLine([...words, 'image'], Run.flags, {
    interspersed: false,
    command: 'tspod run',
  });
  return toContainerRequest(flags as unknown as ContainerFlags, argv, { given, environment: {}, createCommand: [] });
}

/** What a flag is refused without. */
function companions(name: string): string[] {
  if (name === 'memory-swap') return ['--memory=512m'];
  if (name.startsWith('health-startup')) return ['--health-cmd=true', '--health-startup-cmd=true'];
  return name.startsWith('health') ? ['--health-cmd=true'] : [];
}

/** What Podman has and tspod has not: any value is refused with a sentence. */
const REFUSED = Object.keys(refusedFlags);

const takesValue = (definitions: FlagDefinitions) =>
  Object.entries(definitions).flatMap(([name, { type }]) => (type === 'option' ? [name] : []));

test('no flag of run and create is left out here', () => {
  const known = new Set([...Object.keys(VALUES), ...FREE, ...IGNORED, ...REFUSED]);
  assert.deepEqual(
    takesValue(Run.flags).filter((name) => !known.has(name)),
    [],
  );
});

suite('a malformed value of a flag of run is quoted, with one that works', () => {
  for (const [name, { bad, good }] of Object.entries(VALUES)) {
    test(`--${name}`, async () => {
      const values = bad.filter((value) => value !== '' || !isUnsetWhenEmpty(name));
      for (const [value, shown] of values.map((entry) => (typeof entry === 'string' ? [entry, good] : entry))) {
        await assertQuoted(runRequest(`--${name}=${value}`), value, shown);
      }
      await runRequest(`--${name}=${good}`, ...companions(name));
    });
  }
});

suite('an empty text is as if the flag were not there, where it is with Podman', () => {
  for (const name of takesValue(Run.flags).filter(isUnsetWhenEmpty)) {
    test(`--${name}=`, async () => assert.deepEqual(await runRequest(`--${name}=`), await runRequest()));
  }
});

suite('a flag that asks for what tspod has not is refused with the reason and a way out', () => {
  for (const name of REFUSED) {
    test(`--${name}`, async () => {
      await assertQuoted(runRequest(`--${name}=web`), 'web', 'is no use here: it ');
    });
  }
});

suite('and of a flag of exec', () => {
  const values = { 'detach-keys': keys, 'preserve-fds': text(1, ['-1', '1025']), user, workdir };
  for (const [name, { bad, good }] of Object.entries(values)) {
    test(`--${name}`, async () => {
      const parse = (value: string) =>
        parseCommandLine([`--${name}=${value}`, 'c', 'true'], Exec.flags, {
          interspersed: false,
          command: 'tspod exec',
        });
      for (const value of bad) await assertQuoted(parse(String(value)), String(value), good);
      await parse(good);
    });
  }
});

async function assertQuoted(parsing: Promise<unknown>, value: string, good: string): Promise<void> {
  await assert.rejects(parsing, (error: unknown) => {
    assert.ok(error instanceof UsageError, `"${value}": ${String(error)}`);
    assert.ok(error.message.includes(`"${value}"`), `"${value}" is not quoted: ${error.message}`);
    assert.ok(`${error.message} ${error.remedy ?? ''}`.includes(good), `${good} is not shown: ${String(error.remedy)}`);
    return true;
  });
}

test('a relative path of a namespace is told from an unknown mode', async () => {
  await assert.rejects(runRequest('--pid=ns:relative/path'), /the path of a namespace begins with a slash/);
  await assert.rejects(runRequest('--network=ns:relative/path'), /the path of a namespace begins with a slash/);
});
