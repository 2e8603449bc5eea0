import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { changedContainer } from '../support/changed-container.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

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

test('an image in the form of OCI has no ONBUILD, of --change or of the image below, and commit says so; one of Docker has', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', 'busybox', 'true');
  const onbuild = ['--change', 'ONBUILD RUN true'];
  const docker = await tspod('commit', '--format', 'docker', ...onbuild, 'c', 'docker');
  assert.deepEqual([docker.exitCode, docker.stderr], [0, '']);
  await tspod.ok('create', '--name', 'd', 'docker', 'true');
  const inherited =
    'Warning: ONBUILD is not supported for OCI image format, RUN true will be ignored. Must use `docker` format';
  const oci = await tspod('commit', '--change', 'ONBUILD RUN false', 'd', 'oci');
  assert.deepEqual([oci.exitCode, oci.stderr], [0, `${inherited}\n${inherited.replace('true', 'false')}`]);
  assert.match(await tspod.ok('image', 'inspect', 'docker'), /"OnBuild": \[\s+"RUN true"\s+\]/);
  assert.doesNotMatch(await tspod.ok('image', 'inspect', 'oci'), /OnBuild/);
});

test('an image of a container without an entrypoint, or without a command, has no empty one', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'plain', 'busybox', 'true');
  await tspod.ok('create', '--name', 'bare', '--entrypoint', 'ls', 'busybox');
  await tspod.ok('commit', '--change', 'ENTRYPOINT ["ls"]', 'plain', 'ls');
  await tspod.ok('create', '--name', 'cleared', '--entrypoint', '', 'ls', 'true');
  for (const name of ['plain', 'bare', 'cleared']) await tspod.ok('commit', name, `of-${name}`);
  const keys = async (name: string) => {
    const config = JSON.parse(await tspod.ok('image', 'inspect', '--format', '{{json .Config}}', name)) as object;
    return Object.keys(config).filter((key) => key === 'Entrypoint' || key === 'Cmd');
  };
  assert.deepEqual(await keys('of-plain'), ['Cmd']);
  assert.deepEqual(await keys('of-bare'), ['Entrypoint']);
  assert.deepEqual(await keys('of-cleared'), ['Cmd']);
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

test('commit makes no image on top of one that has lost a part, which could not be sent; --squash needs none of it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '--name', 'c', '--network', 'none', 'busybox', 'touch', '/new');
  const blobs = join(tspod.store, 'blobs/sha256');
  const sizeOf = (name: string) => statSync(join(blobs, name)).size;
  const [hex = ''] = readdirSync(blobs).sort((a, b) => sizeOf(b) - sizeOf(a)); // The layer.
  rmSync(join(blobs, hex));
  const { stderr, exitCode } = await tspod('commit', 'c', 'made');
  assert.match(stderr, new RegExp(`^Error: the blob "sha256:${hex}" is gone from the store`));
  assert.equal(exitCode, 125);
  assert.equal((await tspod('image', 'exists', 'made')).exitCode, 1);
  await tspod.ok('commit', '--quiet', '--squash', 'c', 'flat');
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'flat', 'ls', '/new'), '/new');
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
