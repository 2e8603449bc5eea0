import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

test('--requires starts the other container first, and rm takes that one only after', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const below = await tspod.ok('create', '--name', 'below', '--network', 'none', 'busybox', 'sleep', '1000');
  const above = await tspod.ok('run', '-d', '--requires', 'below', '--network', 'none', 'busybox', 'sleep', '1000');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}}', 'below'), 'running');
  assert.deepEqual(JSON.parse(await tspod.ok('inspect', '--format', '{{json .Dependencies}}', above)), [below]);
  for (const force of [[], ['--force']]) {
    const refused = await tspod('rm', ...force, 'below');
    assert.equal(refused.exitCode, 125);
    assert.match(refused.stderr, new RegExp(`${below} has dependent containers .*: ${above}`));
  }
  assert.equal(await tspod.ok('rm', '--force', '--time', '0', '--depend', 'below'), `${above}\nbelow`);
});

test('rm --all takes those first that need others', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'below', '--network', 'none', 'busybox', 'true');
  await tspod.ok('create', '--name', 'above', '--network', 'container:below', 'busybox', 'true');
  assert.equal((await tspod.ok('rm', '--all')).split('\n').length, 2);
});

test('a container whose namespaces are joined is started first', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'below', '--network', 'none', '--hostname', 'box', 'busybox', 'sleep', '1000');
  assert.equal(
    await tspod.ok('run', '--rm', '--uts', 'container:below', '--network', 'none', 'busybox', 'hostname'),
    'box',
  );
});

test('--volumes-from has the directories and volumes of the other, read-only when asked', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(
    'create',
    '--name',
    'data',
    '-v',
    'vol:/v',
    '-v',
    `${tspod.folder}:/host`,
    '-v',
    '/own',
    'busybox',
    'true',
  );
  await tspod.ok(...run, '--volumes-from', 'data', 'busybox', 'sh', '-c', 'echo kept >/v/f; echo own >/own/f');
  assert.equal(await tspod.ok(...run, '--volumes-from', 'data:ro', 'busybox', 'cat', '/v/f', '/own/f'), 'kept\nown');
  const refused = await tspod(...run, '--volumes-from', 'data:ro', 'busybox', 'touch', '/v/g');
  assert.match(refused.stderr, /Read-only file system/);
  const other = ['-v', 'other:/v', 'busybox', 'sh', '-c', 'ls /v; ls /own'];
  assert.equal(await tspod.ok(...run, '--volumes-from', 'data', ...other), 'f');
});

test('--env-merge changes what the image has, and nothing else', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(busyboxImage({ Env: ['PATH=/bin', 'HELLO=a'] }), 'localhost/env:latest');
  const merged = ['--env-merge', 'HELLO=${HELLO}-$HELLO\\$', '--env-merge', 'NEW=${HELLO}'];
  assert.equal(await tspod.ok(...run, ...merged, 'localhost/env', 'sh', '-c', 'echo $HELLO $NEW'), 'a-a$');
  assert.equal(await tspod.ok(...run, ...merged, '-e', 'HELLO=b', 'localhost/env', 'sh', '-c', 'echo $HELLO'), 'b');
});

test('--tz gives the rules of a time zone that the host knows', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const refused = await tspod(...run, '--tz', 'Asia/Nowhere', 'busybox', 'true');
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /time zone "Asia\/Nowhere"/);
  for (const [zone, name] of [
    ['Asia/Tokyo', 'JST'],
    ['Etc/UTC', 'UTC'],
  ] as const) {
    if (!existsSync(join('/usr/share/zoneinfo', zone))) continue; // Not every host has tzdata.
    assert.equal(await tspod.ok(...run, '--tz', zone, 'busybox', 'date', '+%Z'), name);
  }
});

test('--timeout kills what runs too long', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal((await tspod(...run, '--timeout', '1', 'busybox', 'sleep', '1000')).exitCode, 255);
});

test('a user the image does not know gets the line that --passwd-entry says, or none', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const last = ['--user', '4321:5', 'busybox', 'sh', '-c', 'tail -n 1 /etc/passwd; tail -n 1 /etc/group'];
  const entries = ['--passwd-entry', 'me:*:$UID:$GID:$NAME:$HOME:/bin/foo', '--group-entry', 'us:x:$GID:me'];
  assert.equal(await tspod.ok(...run, ...entries, ...last), 'me:*:4321:5:container user:/:/bin/foo\nus:x:5:me');
  assert.doesNotMatch(await tspod.ok(...run, '--passwd=false', ...last), /4321/);
});

test('--hosts-file says what /etc/hosts begins with', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const file = join(tspod.folder, 'hosts');
  writeFileSync(file, '10.1.2.3 db\n');
  assert.match(await tspod.ok(...run, '--hosts-file', file, 'busybox', 'cat', '/etc/hosts'), /^10\.1\.2\.3\tdb$/m);
  const refused = await tspod(...run, '--hosts-file', '/no/such/file', 'busybox', 'true');
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /"\/no\/such\/file"/);
});

test("a link in an image's /etc is not followed for --hosts-file=image", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const secret = join(tspod.folder, 'hosts');
  writeFileSync(secret, '10.9.9.9 secret\n');
  const image = busyboxImage();
  const links = [{ path: 'etc/hosts', type: 'symlink' as const, link: secret }];
  await tspod.load({ ...image, layers: [...image.layers, links] }, 'localhost/linked:latest');
  const hosts = await tspod.ok(...run, '--hosts-file', 'image', 'localhost/linked', 'cat', '/etc/hosts');
  assert.doesNotMatch(hosts, /secret/);
});

test('--pidfile and --conmon-pidfile hold the ids of the first process and of its monitor', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const [init, monitor] = [join(tspod.folder, 'init.pid'), join(tspod.folder, 'monitor.pid')];
  const files = ['--pidfile', init, '--conmon-pidfile', monitor];
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', ...files, 'busybox', 'sleep', '1000');
  const pids = await tspod.ok('inspect', '--format', '{{.State.Pid}} {{.State.ConmonPid}}', 'c');
  assert.equal(pids, `${readFileSync(init, 'utf8')} ${readFileSync(monitor, 'utf8')}`);
});

test("--image-volume says what becomes of the image's volumes", async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(busyboxImage({ Volumes: { '/data': {} } }), 'localhost/vol:latest');
  const type = ['localhost/vol', 'sh', '-c', 'grep " /data " /proc/mounts | cut -d" " -f3'];
  assert.equal(await tspod.ok(...run, '--image-volume', 'tmpfs', ...type), 'tmpfs');
  assert.equal(await tspod.ok(...run, '--image-volume', 'ignore', ...type), '');
  assert.notEqual(await tspod.ok(...run, ...type), '');
});

test('--init-path runs a program of the host as process 1', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const program = join(tspod.folder, 'init');
  writeFileSync(program, '#!/bin/sh\nshift; echo before; exec "$@"\n', { mode: 0o755 });
  assert.equal(await tspod.ok(...run, '--init', '--init-path', program, 'busybox', 'echo', 'a b'), 'before\na b');
  const refused = await tspod(...run, '--init', '--init-path', '/no/such/init', 'busybox', 'true');
  assert.equal(refused.exitCode, 125);
  assert.match(refused.stderr, /"\/no\/such\/init"/);
});

test('--userns=nomap has subordinate ids alone', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const map = await tspod.ok(...run, '--userns', 'nomap', 'busybox', 'awk', '{ print $1, $2 }', '/proc/self/uid_map');
  assert.equal(map, '0 1');
});

test('open files are limited by the hard limit of the caller, not by the soft one', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const limits = ['busybox', 'sh', '-c', 'ulimit -Sn; ulimit -Hn'];
  const [soft, hard] = (await tspod.ok(...run, ...limits)).split('\n');
  assert.equal(soft, hard);
  assert.equal(await tspod.ok(...run, '--ulimit', 'nofile=100:200', ...limits), '100\n200');
});

test('inspect shows what the flags said', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const flags = ['--timeout', '7', '--tz', 'local', '--device-cgroup-rule', 'c 1:* r', '--cap-add', 'net_raw'];
  await tspod.ok('create', '--name', 'c', '-v', 'vol:/v', '--tmpfs', '/t', ...flags, 'busybox');
  const format = (text: string) => tspod.ok('inspect', '--format', text, 'c');
  assert.equal(await format('{{.Config.Timeout}} {{.Config.Timezone}}'), '7 local');
  assert.equal(await format('{{json .HostConfig.CapAdd}}'), '[]');
  assert.equal(await format('{{json .HostConfig.CapDrop}}'), '["CAP_AUDIT_WRITE","CAP_MKNOD"]');
  assert.equal(await format('{{json .HostConfig.Binds}}'), '["vol:/v:rw,rprivate,nosuid,nodev,rbind"]');
  assert.equal(await format('{{json .HostConfig.Tmpfs}}'), '{"/t":"rw,rprivate,nosuid,nodev,tmpcopyup"}');
});

test('inspect shows what Podman notes beside the flags', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const flags = [
    '--rm',
    '--init',
    '--ulimit',
    'nofile=100:200',
    '--annotation',
    'a=b',
    '--expose',
    '77',
    '-p',
    '8080:80',
  ];
  await tspod.ok('create', '--name', 'c', ...flags, '--user', '5', '-v', '/tmp:/t:ro', 'busybox', 'true');
  const [shown] = JSON.parse(await tspod.ok('inspect', 'c')) as [Record<string, unknown>];
  const { Path, Args, EffectiveCaps, HostConfig, Config } = shown as {
    Path: string;
    Args: string[];
    EffectiveCaps: null;
    HostConfig: Record<string, unknown> & { Ulimits: { Name: string; Soft: number }[] };
    Config: Record<string, unknown>;
  };
  const annotations = {
    'io.kubernetes.cri-o.TTY': 'false',
    'io.podman.annotations.autoremove': 'TRUE',
    'io.podman.annotations.init': 'TRUE',
    'io.podman.annotations.privileged': 'FALSE',
    'io.podman.annotations.publish-all': 'FALSE',
    a: 'b',
  };
  assert.deepEqual([Config['Annotations'], HostConfig['Annotations']], [annotations, annotations]);
  assert.deepEqual([Path, Args, EffectiveCaps], ['/run/podman-init', ['--', 'true'], null]);
  assert.deepEqual(HostConfig['PortBindings'], { '77/tcp': null, '80/tcp': [{ HostIp: '', HostPort: '8080' }] });
  assert.deepEqual(HostConfig['Binds'], ['/tmp:/t:ro,rprivate,rbind']);
  assert.deepEqual(
    HostConfig.Ulimits.map(({ Name }) => Name),
    ['RLIMIT_NOFILE', 'RLIMIT_NPROC'],
  );
  assert.deepEqual(HostConfig.Ulimits[0], { Name: 'RLIMIT_NOFILE', Soft: 100, Hard: 200 });
});

test('inspect shows security options, also those that change nothing here', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const options = async (...flags: string[]) => {
    const id = await tspod.ok('create', ...flags, 'busybox', 'true');
    return JSON.parse(await tspod.ok('inspect', '--format', '{{json .HostConfig.SecurityOpt}}', id)) as string[];
  };
  assert.deepEqual(await options('--security-opt', 'label=disable'), ['label=disable']);
  assert.deepEqual(await options('--security-opt', 'label:disable', '--security-opt', 'apparmor=unconfined'), [
    'label=disable',
    'apparmor=unconfined',
  ]);
  assert.deepEqual(await options('--security-opt', 'no-new-privileges', '--security-opt', 'seccomp=unconfined'), [
    'no-new-privileges',
    'seccomp=unconfined',
  ]);
  assert.deepEqual(await options('--privileged'), []); // What comes with it is nobody's option.
  await tspod.ok(
    'create',
    '--name',
    'c',
    '--security-opt',
    'label=type:a',
    '--security-opt',
    'label=level:b',
    'busybox',
  );
  const format = '{{index .Config.Annotations "io.podman.annotations.label"}}';
  assert.equal(await tspod.ok('inspect', '--format', format, 'c'), 'type:a,level:b');
});
