import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { busyboxRoot } from '../support/busybox.ts';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox, tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const DRIVERS = ['overlay', 'fuse-overlayfs', 'vfs'] as const;

const CHANGE =
  'echo new >/data/new; rm /data/gone; rm -r /data/opaque; mkdir /data/opaque; echo n >/data/opaque/n; echo more >>/data/kept; chown 5:6 /home; rm -r /data/tree; ln /data/new /data/hard; ln -s new /data/link; chmod 4755 /data/owned';

/** An image with something to change, and a container that has changed it. */
async function changedContainer(t: TestContext, driver: string): Promise<Tspod> {
  const tspod = await tspodWithEmptyStore(t, { env: { TSPOD_STORAGE_DRIVER: driver } });
  const data = ['gone', 'kept', 'opaque/hidden', 'tree/deep/leaf'].map((path) => ({
    path: `data/${path}`,
    content: 'x',
  }));
  const owned = { path: 'data/owned', content: 'x', uid: 1001, gid: 1002 };
  await tspod.load(
    { layers: [busyboxRoot(), [...data, owned]], config: { Cmd: ['sh'], Env: ['PATH=/bin'] } },
    'localhost/base:1',
  );
  await tspod.ok('run', '--name', 'c', '--network', 'none', 'base:1', 'sh', '-c', CHANGE);
  return tspod;
}

const CHANGES = [
  'C /data',
  'D /data/gone',
  'A /data/hard',
  'C /data/kept',
  'A /data/link',
  'A /data/new',
  'C /data/opaque',
  'D /data/opaque/hidden',
  'A /data/opaque/n',
  'C /data/owned',
  'D /data/tree',
];

for (const driver of DRIVERS) {
  const skip = driver === 'overlay' ? missing('overlay') : driver === 'vfs' ? false : missing('fuse');

  test(`diff shows, and commit keeps, what a container has changed: ${driver}`, { skip }, async (t) => {
    const tspod = await changedContainer(t, driver);
    const lines = (await tspod.ok('diff', 'c')).split('\n').filter((line) => !line.endsWith('/etc'));
    assert.deepEqual(lines, [...CHANGES, 'C /home']);
    const id = await tspod.ok('commit', '--quiet', 'c', 'made');
    assert.match(id, /^[0-9a-f]{64}$/);
    const script =
      'cd /data; ls; cat new opaque/n kept; stat -c "%u:%g %a %h" owned hard; stat -c %u:%g /home; ls opaque; readlink link';
    assert.equal(
      await tspod.ok('run', '--rm', '--network', 'none', 'made', 'sh', '-c', script),
      'hard\nkept\nlink\nnew\nopaque\nowned\nnew\nn\nxmore\n1001:1002 4755 1\n0:0 644 2\n5:6\nn\nnew',
    );
    const shown = (await tspod.ok('diff', 'made')).split('\n');
    for (const line of CHANGES) assert.ok(shown.includes(line), `${line} in\n${shown.join('\n')}`);
  });
}

test('a copy for a user namespace of its own has the owners of the image, in diff and commit', async (t) => {
  const tspod = await tspodWithEmptyStore(t, { env: { TSPOD_STORAGE_DRIVER: 'vfs' } });
  const owned = { path: 'owned', content: 'x', uid: 100, gid: 101 };
  await tspod.load({ layers: [[...busyboxRoot(), owned]], config: { Env: ['PATH=/bin'] } }, 'localhost/base:1');
  const script = 'echo new >/new; chown 7:8 /new';
  await tspod.ok('run', '--name', 'c', '--network', 'none', '--userns', 'auto', 'base:1', 'sh', '-c', script);
  const lines = (await tspod.ok('diff', 'c')).split('\n');
  assert.ok(lines.includes('A /new') && !lines.some((line) => line.endsWith('owned')), lines.join('\n'));
  await tspod.ok('commit', '--quiet', 'c', 'made');
  const look = ['run', '--rm', '--network', 'none', 'made', 'stat', '-c', '%u:%g', '/new', '/owned'];
  assert.equal(await tspod.ok(...look), '7:8\n100:101');
});

test('diff compares any two, and prints lists', async (t) => {
  const tspod = await changedContainer(t, 'overlay');
  await tspod.ok('create', '--name', 'fresh', '--network', 'none', 'base:1');
  assert.equal(await tspod.ok('diff', 'fresh'), '');
  assert.deepEqual(JSON.parse(await tspod.ok('diff', '--format', 'json', 'fresh')), {});
  const lists = JSON.parse(await tspod.ok('container', 'diff', '--format', 'json', 'c')) as Record<string, string[]>;
  assert.deepEqual(lists['deleted'], ['/data/gone', '/data/opaque/hidden', '/data/tree']);
  assert.ok(lists['added']?.includes('/data/new'));
  const between = (await tspod.ok('diff', 'c', 'fresh')).split('\n');
  assert.ok(between.includes('D /data/tree') && between.includes('A /data/link'), between.join('\n'));
  const { stderr, exitCode } = await tspod('diff', 'nobody');
  assert.match(stderr, /"nobody" not found/);
  assert.equal(exitCode, 125);
  assert.match((await tspod('diff', '--format', 'xml', 'c')).stderr, /only supported value for "--format" is "json"/);
});

test('commit describes the image as it was told', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(
    'run',
    '--name',
    'c',
    '--network',
    'none',
    '-v',
    'v:/vol',
    '--env',
    'A=1',
    '--user',
    '5',
    'busybox',
    'true',
  );
  const changes = [
    'CMD ["echo", "hi"]',
    'ENV B=2',
    'EXPOSE 80',
    'LABEL x=y',
    'STOPSIGNAL 9',
    'WORKDIR /tmp',
    'VOLUME /v',
  ];
  const file = join(tspod.folder, 'id');
  const id = await tspod.ok(
    ...['commit', '--author', 'me', '--iidfile', file, '--include-volumes', '--format', 'docker', '--message', 'word'],
    ...changes.flatMap((change) => ['--change', change]),
    ...['c', 'made:2'],
  );
  assert.equal(readFileSync(file, 'utf8'), id);
  const [image] = JSON.parse(await tspod.ok('image', 'inspect', 'made:2')) as [Record<string, never>];
  const { Config, Author, History, ManifestType, RepoTags } = image as unknown as {
    Config: Record<string, unknown> & { Env: string[] };
    Author: string;
    History: { comment?: string; created_by: string }[];
    ManifestType: string;
    RepoTags: string[];
  };
  assert.deepEqual(RepoTags, ['localhost/made:2']);
  assert.equal(Author, 'me');
  assert.match(ManifestType, /docker/);
  assert.equal(History.at(-1)?.comment, 'word');
  assert.equal(History.length, 2);
  assert.deepEqual(Config['Cmd'], ['echo', 'hi']);
  assert.ok(Config.Env.includes('A=1') && Config.Env.includes('B=2'));
  assert.ok(!Config.Env.some((variable) => variable.startsWith('HOSTNAME=')));
  assert.deepEqual(Config['ExposedPorts'], { '80/tcp': {} });
  assert.deepEqual(Config['Volumes'], { '/vol': {}, '/v': {} });
  assert.deepEqual([Config['User'], Config['WorkingDir'], Config['StopSignal']], ['5', '/tmp', '9']);
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'made:2'), 'hi');
});

test('commit --config takes settings from a file, and --change goes on top', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--env', 'A=1', '--label', 'x=y', 'busybox', 'true');
  const file = join(tspod.folder, 'settings.json');
  const settings = {
    Cmd: ['ls', '/'],
    Env: ['PATH=/bin', 'B=2'],
    ExposedPorts: { '80/tcp': {} },
    Labels: {},
    User: '',
  };
  writeFileSync(file, JSON.stringify({ ...settings, Hostname: 'h', AttachStdin: false }));
  await tspod.ok('commit', '--config', file, '--change', 'ENV C=3', 'c', 'made');
  const [image] = JSON.parse(await tspod.ok('image', 'inspect', 'made')) as [{ Config: Record<string, unknown> }];
  const { Cmd, Env, ExposedPorts, Labels, User } = image.Config;
  assert.deepEqual(
    { Cmd, Env, ExposedPorts, Labels, User },
    {
      Cmd: ['ls', '/'],
      Env: ['PATH=/bin', 'B=2', 'C=3'],
      ExposedPorts: { '80/tcp': {} },
      Labels: { x: 'y' },
      User: undefined,
    },
  );
});

test('commit --squash makes one layer of all', async (t) => {
  const tspod = await changedContainer(t, 'overlay');
  await tspod.ok('commit', '--quiet', '--squash', 'c', 'flat');
  const layers = JSON.parse(
    await tspod.ok('image', 'inspect', '--format', '{{json .RootFS.Layers}}', 'flat'),
  ) as string[];
  assert.equal(layers.length, 1);
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'flat', 'ls', '/data/opaque'), 'n');
});

test('commit refuses what it cannot make, and leaves nothing', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', 'busybox');
  for (const [words, message] of [
    [['c', 'UPPER'], /"UPPER"/],
    [['--change', 'RUN x', 'c'], /"RUN x"/],
    [['--message', 'm', 'c'], /messages are only compatible with the docker image format/],
    [['--format', 'zip', 'c'], /zip/],
    [['--config', '/no/such', 'c'], /cannot read the settings "\/no\/such": no such file or directory/],
    [['--config', '/etc/hostname', 'c'], /"\/etc\/hostname" is malformed: it is not JSON/],
    [['nobody'], /no container with name or ID "nobody"/],
  ] as const) {
    const { stderr, exitCode } = await tspod('commit', ...words);
    assert.match(stderr, message);
    assert.equal(exitCode, 125);
  }
  assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
});

test('a commit that is killed leaves nothing but what the next command sweeps', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(
    'run',
    '--name',
    'c',
    '--network',
    'none',
    'busybox',
    'dd',
    'if=/dev/zero',
    'of=/big',
    'bs=1M',
    'count=200',
  );
  const before = await tspod.ok('images', '--all', '--quiet');
  const child = tspod.start('commit', 'c', 'made');
  await eventually(
    () => existsSync(join(tspod.store, 'staging')) && readdirSync(join(tspod.store, 'staging')).length > 0,
    'a commit',
  );
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.equal(await tspod.ok('images', '--all', '--quiet'), before);
  await tspod.ok('commit', '--quiet', 'c', 'made');
  assert.deepEqual(readdirSync(join(tspod.store, 'staging')), []);
});

test('export writes the root file system of a container, running or not', async (t) => {
  const tspod = await changedContainer(t, 'overlay');
  const file = join(tspod.folder, 'root.tar');
  await tspod.ok('export', '--output', file, 'c');
  const list = execFileSync('tar', ['-tv', '--numeric-owner', '-f', file]).toString();
  assert.match(list, /^-rwsr-xr-x 1001\/1002 .* data\/owned$/m);
  assert.match(list, /^hrw-r--r-- 0\/0 .* data\/new link to data\/hard$/m);
  assert.doesNotMatch(list, /hidden|data\/tree/);
  await tspod.ok(
    'run',
    '-d',
    '--name',
    'up',
    '--network',
    'none',
    '-v',
    'v:/vol',
    'base:1',
    'sh',
    '-c',
    'touch /vol/inside; sleep 1000',
  );
  const child = tspod.start('export', 'up');
  const names = execFileSync('tar', ['-t'], {
    input: Buffer.concat((await child.stdout.toArray()) as Buffer[]),
  }).toString();
  assert.match(names, /^vol\/$/m);
  assert.doesNotMatch(names, /inside|^proc\/./m);
  const { stderr, exitCode } = await tspod('export', '--output', '/no/such/file', 'c');
  assert.match(stderr, /cannot write the archive to "\/no\/such\/file": its directory does not exist/);
  assert.equal(exitCode, 125);
  assert.match((await tspod('export', '--output', 'a:b', 'c')).stderr, /should not contain ":"/);
});

test('what commit makes is the same when nothing has changed meanwhile', async (t) => {
  const tspod = await changedContainer(t, 'overlay');
  const layer = async (name: string) => {
    await tspod.ok('commit', '--quiet', 'c', name);
    return await tspod.ok('image', 'inspect', '--format', '{{json .RootFS.Layers}}', name);
  };
  assert.equal(await layer('one'), await layer('two'));
  const [hex = ''] = /[0-9a-f]{64}(?="\])/.exec(await layer('one')) ?? [];
  const blob = readFileSync(join(tspod.store, 'blobs/sha256', hex));
  assert.equal(createHash('sha256').update(blob).digest('hex'), hex);
});
