/** Every flag of every command refuses what it cannot mean; those of run, create and exec are in the unit tests. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

interface Manifest {
  readonly commands: Readonly<
    Record<string, { readonly hidden?: boolean; readonly flags: Readonly<Record<string, Flag>> }>
  >;
}
interface Flag {
  readonly type: 'boolean' | 'option';
  readonly options?: readonly string[];
}

const { commands } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../dist/oclif.manifest.json'), 'utf8'),
) as Manifest;

/** The sentence quotes the value, or the second text where only a part of it is wrong, and shows `good`. */
interface Values {
  readonly bad: readonly (string | readonly [value: string, quoted: string])[];
  readonly good: string;
}

const whole: Values = { bad: ['', 'x', '1.5', '-2', ' 1'], good: '1' };
const id: Values = { bad: ['', 'x', '1.5', '-1', '4294967295'], good: '1' };
const size: Values = { bad: ['x', '1e3', '-5'], good: '512m' };
const device: Values = { bad: ['sda:1', '/dev/sda:x'], good: '/dev/sda:' };
const time: Values = { bad: ['', 'nonsense', '2026-13-45', '1h x'], good: '2026-11-20T10:00:00Z, 10m' };
const duration: Values = { bad: ['x', '5', '1y'], good: '1m30s' };
const unit: Values = { bad: ['a b', 'a\nb'], good: 'network-online.target' };
const signing: Values = { bad: ['me'], good: 'skopeo copy --sign-by' };
const unitPart = (before: string): Values => ({
  bad: ['a b', 'a/b'].map((text) => [text, `${before}${text}`] as const),
  good: '--container-prefix=web',
});

const VALUES: Readonly<Record<string, Values>> = {
  after: unit,
  arch: { bad: [['a b', 'linux/a b']], good: 'linux/arm64' },
  'blkio-weight': { bad: ['9', 'x'], good: '10' },
  'blkio-weight-device': device,
  change: { bad: ['', 'BOGUS x', 'EXPOSE x', 'STOPSIGNAL y', 'ENV'], good: '--change' },
  condition: { bad: ['', 'bogus', 'Running'], good: 'running' },
  'compression-level': { bad: ['x', '0', '23'], good: '22' },
  'container-prefix': unitPart(''),
  'cpu-period': { bad: ['x', '1'], good: '1000' },
  'cpu-quota': { bad: ['x', '1'], good: '1000' },
  'cpu-rt-period': whole,
  'cpu-rt-runtime': whole,
  'cpu-shares': { bad: ['x', '-1'], good: '1' },
  cpus: { bad: ['x', '-1'], good: '1.5' },
  'cpuset-cpus': { bad: ['x', '3-1'], good: '0-3,5' },
  'cpuset-mems': { bad: ['x', '3-1'], good: '0-3,5' },
  'detach-keys': { bad: ['ctrl-', 'ab'], good: 'ctrl-p,ctrl-q' },
  'device-read-bps': device,
  'device-read-iops': device,
  'device-write-bps': device,
  'device-write-iops': device,
  driver: { bad: ['', 'nfs'], good: 'driver' },
  env: { bad: ['=x'], good: 'LANG=C' },
  filter: { bad: [['bogus=1', 'bogus'], 'name'], good: '' },
  format: { bad: ['{{', '{{.Names', ['{{nonesuch .}}', 'nonesuch']], good: '' },
  gid: id,
  'health-interval': duration,
  'health-log-destination': { bad: [''], good: '/var/log/health' },
  'health-max-log-count': { bad: ['', 'x', '-1', '1001'], good: '1' },
  'health-max-log-size': { bad: ['', 'x', '-1', '65537'], good: '1' },
  'health-retries': { bad: ['', 'x', '0'], good: '1' },
  'health-start-period': duration,
  'health-startup-interval': duration,
  'health-startup-retries': { bad: ['', 'x', '-1'], good: '1' },
  'health-startup-success': { bad: ['', 'x', '-1'], good: '1' },
  'health-startup-timeout': duration,
  'health-timeout': duration,
  interval: { bad: ['', 'x', '-1'], good: 'Write ' },
  label: { bad: ['', '=x'], good: 'app=web' },
  last: { bad: ['', 'x', '-2'], good: '1' },
  limit: whole,
  memory: size,
  'memory-reservation': size,
  'memory-swap': size,
  'memory-swappiness': { bad: ['x', '101'], good: '-1' },
  name: { bad: ['a b', '-a'], good: 'web-1' },
  opt: { bad: ['', 'bogus', 'bogus=1'], good: '' },
  os: { bad: [['a b', 'a b/']], good: 'linux/arm64' },
  'pids-limit': { bad: ['x', '-2'], good: '1' },
  platform: { bad: ['/', 'linux/', 'a/b/c/d'], good: 'linux/arm64' },
  requires: unit,
  restart: { bad: ['bogus', 'on-failure:x'], good: 'on-failure' },
  'restart-sec': whole,
  retry: whole,
  'retry-delay': { bad: ['', '5', 'x'], good: '1m30s' },
  separator: unitPart('container'),
  signal: { bad: ['', 'BOGUS', '0', '65'], good: 'SIGTERM' },
  since: time,
  'start-timeout': whole,
  pod: { bad: ['p'], good: '--network container:NAME' },
  'sign-by': signing,
  'sign-by-sigstore-private-key': signing,
  'sign-passphrase-file': signing,
  'signature-policy': { bad: ['/no/such'], good: 'containers-policy.json(5)' },
  'stop-timeout': whole,
  tail: { bad: ['', 'x', '1.5'], good: 'a whole number\n' },
  time: { bad: ['', 'x', '1.5', '-2'], good: '10' },
  uid: id,
  until: time,
  variant: { bad: ['a b'], good: 'linux/arm64' },
  wants: unit,
  watch: { bad: ['', 'x', '-1'], good: '1' },
};

/** Names of files, users, programs: any text is one, or it is looked for and not found; and what changes nothing. */
const FREE = new Set([
  ...[
    'author',
    'authfile',
    'cert-dir',
    'cidfile',
    'config',
    'creds',
    'digestfile',
    'driver-opts',
    'exec',
    'file',
    'health-cmd',
    'health-startup-cmd',
    'iidfile',
    'input',
  ],
  ...['message', 'new-runtime', 'output', 'password', 'pod-prefix', 'secret', 'unsetenv', 'username'],
]);

/** What the command needs besides. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  history: ['busybox'],
  import: ['archive.tar'],
  pull: ['localhost:1/image'],
  push: ['busybox'],
  save: ['busybox'],
  search: ['localhost:1/word'],
  top: ['c'],
  'image:diff': ['busybox'],
  'image:inspect': ['busybox'],
  'secret:create': ['s', '/etc/hostname'],
  'secret:inspect': ['s'],
  'volume:create': ['v'],
  'volume:inspect': ['data'],
  'volume:rm': ['data'],
};
const ALONE = [
  'container:prune',
  'doctor',
  'events',
  'image:mount',
  'image:prune',
  'images',
  'info',
  'load',
  'mount',
  'ps',
  'stats',
  'version',
];
const COVERED = new Set(['run', 'create', 'exec']);
/** As if they were not given: a script's variable with nothing in it. */
const UNSET_WHEN_EMPTY = new Set(['health-on-failure']);

const shared = new Set(Object.keys(commands['tag']?.flags ?? {}));
const cases = Object.entries(commands).flatMap(([id, { flags }]) =>
  COVERED.has(id) || id.startsWith('__')
    ? []
    : Object.entries(flags).flatMap(([name, flag]) =>
        flag.type !== 'option' || shared.has(name) ? [] : [{ id, name, options: flag.options }],
      ),
);

test('no flag is left out here', () => {
  const left = cases.filter(({ name, options }) => !options && !Object.hasOwn(VALUES, name) && !FREE.has(name));
  assert.deepEqual(left, []);
});

test('every flag quotes what it refuses, with one that works', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox', 'true');
  await tspod.ok('volume', 'create', 'data');
  await tspod.ok('secret', 'create', 's', '/etc/hostname');
  for (const { id, name, options } of cases) {
    const { bad, good } = options
      ? { bad: ['nonsense', ...(UNSET_WHEN_EMPTY.has(name) ? [] : [''])], good: options[0] ?? '' }
      : (VALUES[name] ?? { bad: [], good: '' });
    if (bad.length === 0) continue;
    await t.test(`${id.replace(':', ' ')} --${name}`, async () => {
      // A filter chooses among all, and so do the commands that take nothing.
      const isAlone = name === 'filter' || ALONE.includes(id) || /^(secret|system|volume):/.test(id);
      const words = WORDS[id] ?? (isAlone ? [] : ['c']);
      for (const [value, quoted] of bad.map((entry) =>
        typeof entry === 'string' ? ([entry, entry] as const) : entry,
      )) {
        const { stdout, stderr, exitCode } = await tspod(...id.split(':'), `--${name}=${value}`, ...words);
        assert.deepEqual([exitCode, stdout], [125, ''], `"${value}": ${stderr}`);
        const shown = [value, quoted].map((text) => [`"${text}`, `${text}"`]).flat();
        assert.ok(
          shown.some((text) => stderr.includes(text)),
          `"${value}" is not quoted: ${stderr}`,
        );
        assert.ok(stderr.includes(good), `"${good}" is not shown: ${stderr}`);
        assert.equal(stderr.split('\n').length >= 2 || options !== undefined, true, `no way out: ${stderr}`);
      }
    });
  }
});
