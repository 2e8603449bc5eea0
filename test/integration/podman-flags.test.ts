import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

test('--rmi removes the container and its image, unless another container has it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'other', 'busybox', 'true');
  const first = await tspod('run', '--rmi', '--network', 'none', 'busybox', 'sh', '-c', 'exit 3');
  assert.equal(first.exitCode, 3);
  assert.match(first.stderr, /image is in use by a container/);
  await tspod.ok('rm', 'other');
  const second = await tspod('run', '--rmi', '--network', 'none', 'busybox', 'echo', 'hi');
  assert.deepEqual(second, { stdout: 'hi', stderr: '', exitCode: 0 });
  assert.equal((await tspod('image', 'exists', 'busybox')).exitCode, 1);
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('--rmi with --detach removes the image when the container has ended', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const isThere = async () => (await tspod('image', 'exists', 'busybox')).exitCode === 0;
  const id = await tspod.ok('run', '-d', '--rmi', '--network', 'none', 'busybox', 'sleep', '1000');
  assert.equal(await tspod.ok('ps', '--quiet', '--no-trunc'), id);
  assert.ok(await isThere());
  await tspod.ok('stop', '--time', '0', id);
  await eventually(async () => !(await isThere()), 'the image goes');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('--rmi with --detach leaves an event when the image cannot be removed', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const other = await tspod.ok('create', '--name', 'other', 'busybox', 'true');
  const id = await tspod.ok('run', '-d', '--rmi', '--network', 'none', 'busybox', 'sleep', '1000');
  await tspod.ok('stop', '--time', '0', id);
  const past = ['events', '--stream=false', '--filter', 'event=remove-error', '--format'];
  let seen = '';
  await eventually(async () => (seen = await tspod.ok(...past, '{{.Type}} {{.Name}} {{.Error}}')) !== '', 'an event');
  assert.ok(seen.startsWith(`image busybox image used by ${other}: image is in use by a container`), seen);
});

test('a container knows users of the host, runs as a 32-bit system, and has its files in a chroot, too', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { username, uid, gid } = userInfo();
  const run = (...words: string[]) => tspod.ok('run', '--rm', '--network', 'none', ...words);
  const passwd = await run('--hostuser', String(uid), 'busybox', 'cat', '/etc/passwd');
  assert.match(passwd, new RegExp(`^${username}:\\*:${uid}:${gid}:.*:/bin/sh$`, 'm'));
  const machine = await run('--personality', 'LINUX32', 'busybox', 'uname', '-m');
  assert.equal(machine, process.arch === 'x64' ? 'i686' : 'armv8l');
  const name = await run('--hostname', 'web', '--chrootdirs', '/srv/c', 'busybox', 'cat', '/srv/c/etc/hostname');
  assert.equal(name, 'web');
  const made = await tspod.ok('create', '--chrootdirs', '/srv/c,/d', 'busybox');
  assert.equal(await tspod.ok('inspect', '--format', '{{.Config.ChrootDirs}}', made), '[/srv/c /d]');
  assert.equal((await tspod('run', '--rm', '--no-hostname', 'busybox', 'test', '-e', '/etc/hostname')).exitCode, 1);
});

const CONTRADICTIONS: readonly (readonly [words: readonly string[], sentence: RegExp])[] = [
  [['rm', '--time', '1', 'c'], /--force option must be specified to use the --time option/],
  [['images', '--filter', 'dangling=false', 'busybox'], /cannot specify an image and a filter/],
  [['run', '--rmi', '--rm=false', 'busybox', 'true'], /--rmi option does not work without --rm/],
  [['run', '--log-driver', 'passthrough', '--attach', 'stdout', 'busybox', 'true'], /--attach with --log-driver/],
  [['create', '--init', '--systemd', 'always', 'busybox', 'true'], /--init and --systemd=always exclude/],
  [['create', '--init', '--pid', 'host', 'busybox', 'true'], /--init and --pid=host exclude/],
  [['create', '--ipc', 'none', '--shm-size', '1m', 'busybox', 'true'], /--shm-size and --ipc=none exclude/],
  [['create', '--group-add', 'keep-groups,5', 'busybox', 'true'], /keep-groups is not allowed with any other/],
  [['create', '--cgroups', 'disabled', '--cgroup-parent', '/x', 'busybox', 'true'], /--cgroup-parent and --cgroups=/],
  [['create', '--net', 'host', '--sysctl', 'net/ipv4/ip_forward=1', 'busybox', 'true'], /and --network=host exclude/],
  [['create', '--ipc', 'host', '--sysctl', 'kernel.shmmax=1', 'busybox', 'true'], /and --ipc=host exclude/],
  [['create', '--cap-add', 'kill', '--cap-drop', 'CAP_KILL', 'busybox', 'true'], /both added and dropped/],
  [['create', '--health-on-failure', 'kill', 'busybox', 'true'], /--health-on-failure=kill needs a regular health/],
];

test('flags that exclude each other are refused, and nothing is made', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const [words, sentence] of CONTRADICTIONS) {
    const { exitCode, stdout, stderr } = await tspod(...words);
    assert.deepEqual([exitCode, stdout], [125, ''], words.join(' '));
    assert.match(stderr, sentence);
  }
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('--subuidname maps the ids of the caller alone', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const words = ['run', '--rm', '--network', 'none', '--subuidname'];
  assert.match(await tspod.ok(...words, userInfo().username, 'busybox', 'cat', '/proc/self/uid_map'), /^0 +1 /);
  assert.match((await tspod(...words, 'root', 'busybox', 'true')).stderr, /subordinate ids of "root" are not yours/);
});

test('inspect --size tells what a container has written, exec --cidfile finds it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const words = ['run', '-d', '--network', 'none', '--cidfile', 'id', '--name', 'c', 'busybox'];
  await tspod.ok(...words, 'sh', '-c', 'head -c 100000 /dev/zero > /big; touch /done; sleep 1000');
  await tspod.ok('exec', '--cidfile', 'id', 'sh', '-c', 'until test -e /done; do sleep 0.1; done');
  const [rw = '', all = ''] = (await tspod.ok('inspect', '-s', '-f', '{{.SizeRw}} {{.SizeRootFs}}', 'c')).split(' ');
  assert.ok(Number(rw) >= 100_000 && Number(all) > Number(rw), `${rw} ${all}`);
});

test('--mount makes a ramfs and a devpts, in any user namespace', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const mounts = ['--mount', 'type=ramfs,target=/r,tmpfs-mode=700', '--mount', 'type=devpts,target=/p,max=10'];
  for (const userns of ['host', 'auto']) {
    const words = ['run', '--rm', '--network', 'none', '--userns', userns, ...mounts, 'busybox'];
    const seen = await tspod.ok(...words, 'sh', '-c', 'touch /r/x; stat -c %a /r; ls /p; grep -c max=10 /proc/mounts');
    assert.equal(seen, '700\nptmx\n1', userns);
  }
});

test('ps joins neighbouring ports, and has the mounts as a list', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const ports = ['-p', '8091:81', '-p', '8090:80', '-p', '127.0.0.1:8092:82'];
  await tspod.ok('create', ...ports, '-v', '/tmp:/q', '--tmpfs', '/t', 'busybox', 'true');
  assert.equal(
    await tspod.ok('ps', '--all', '--format', '{{.Ports}} {{.Mounts}}{{range .Mounts}}<{{.}}>{{end}}'),
    '0.0.0.0:8090-8091->80-81/tcp, 127.0.0.1:8092->82/tcp [/q /t]</q></t>',
  );
  assert.match(await tspod.ok('ps', '--all'), / 0\.0\.0\.0:8090-8091->80-81\/tcp, 127/);
  assert.equal(await tspod.ok('ps', '--all', '--quiet', '--filter', 'status=removing'), '');
});

test('ps shows the file of the id and the exposed ports', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const exposed = ['--expose', '77', '--expose', '77/udp', '--expose', '80'];
  await tspod.ok('create', '--cidfile', 'id', ...exposed, 'busybox', 'true');
  assert.equal(
    await tspod.ok('ps', '--all', '--format', '{{.CIDFile}} {{.ExposedPorts}}'),
    'id map[77:[tcp udp] 80:[tcp]]',
  );
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Ports}}|{{.Networks}}|'), '77/tcp, 80/tcp, 77/udp||');
  const [shown] = JSON.parse(await tspod.ok('ps', '--all', '--format', 'json')) as [{ ExposedPorts: unknown }];
  assert.deepEqual(shown.ExposedPorts, { 77: ['tcp', 'udp'], 80: ['tcp'] });
  const format = '{{.Config.ExposedPorts}} {{range $port, $_ := .Config.ExposedPorts}}{{$port}};{{end}}';
  const inspected = await tspod.ok('inspect', '--latest', '--format', format);
  assert.equal(inspected, 'map[77/tcp:{} 77/udp:{} 80/tcp:{}] 77/tcp;77/udp;80/tcp;');

  await tspod.ok('create', '--name', 'bare', 'busybox', 'true');
  assert.equal(await tspod.ok('inspect', '--format', '{{.Config.ExposedPorts}}', 'bare'), 'map[]');
  const [bare] = JSON.parse(await tspod.ok('ps', '--all', '--filter', 'name=bare', '--format', 'json')) as object[];
  assert.deepEqual(
    Object.entries(bare ?? {}).flatMap(([key, value]) => (value === null ? [key] : [])),
    ['ExposedPorts', 'Labels', 'Ports', 'Size'],
  );
});
