import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];
const past = ['events', '--stream=false'];

test('the life of a container is a line for each step, of commands and monitor alike', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(...detached, '--name', 'c', '--label', 'app=a "b"', '-v', 'data:/data', 'busybox', 'sleep', '1000');
  await tspod('exec', 'c', 'sh', '-c', 'exit 3');
  await tspod.ok('kill', '--signal', 'USR1', 'c');
  await tspod.ok('restart', '--time', '0', 'c');
  await tspod.ok('stop', '--time', '0', 'c');
  await tspod.ok('rm', 'c');
  const format = '{{.Type}} {{.Status}} {{.Name}} {{.ContainerExitCode}} {{.Attributes}}';
  const events = await tspod.ok(...past, '--filter', 'type=container', '--filter', 'type=volume', '--format', format);
  const c = (status: string, code = 0) => `container ${status} c ${code} map[app:a "b"]`;
  assert.deepEqual(events.split('\n'), [
    'volume create data 0 map[]',
    c('create'),
    c('init'),
    c('start'),
    c('exec'),
    c('exec_died', 3),
    c('kill'),
    c('restart'),
    c('stop'),
    c('died', 137),
    c('cleanup'),
    c('init'),
    c('start'),
    c('stop'),
    c('died', 137),
    c('cleanup'),
    c('remove'),
  ]);
});

test('event=stop is a container that somebody has stopped, not one that ended by itself or was killed', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '--network', 'none', '--name', 'ended', 'busybox', 'true');
  for (const name of ['killed', 'stopped', 'removed']) {
    await tspod.ok(...detached, '--name', name, 'busybox', 'sleep', '1000');
  }
  await tspod.ok('kill', 'killed');
  await tspod.ok('wait', 'killed');
  await tspod.ok('stop', 'stopped');
  await tspod.ok('stop', 'stopped', 'ended');
  await tspod.ok('rm', '--force', 'removed');
  assert.equal(await tspod.ok(...past, '--filter', 'event=stop', '--format', '{{.Name}}'), 'stopped\nremoved');
});

test('--format takes the time of an event as Go does', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const since = Math.floor(Date.now() / 1000);
  await tspod.ok('create', 'busybox');
  const create = [...past, '--filter', 'event=create', '--format'];
  assert.match(await tspod.ok(...create, '{{.Time}}'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.]\d+ \+0000 UTC$/);
  assert.match(await tspod.ok(...create, '{{.Time.Format "15:04:05"}}'), /^\d\d:\d\d:\d\d$/);
  const age = Number(await tspod.ok(...create, '{{.Time.Unix}}')) - since;
  assert.ok(age >= 0 && age < 60, `${age} s after the test began`);
});

test('run --rm ends with the removal of the container and its anonymous volume', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '--rm', '--network', 'none', '--name', 'c', '-v', '/data', 'busybox', 'true');
  const statuses = (type: string) =>
    tspod.ok(...past, '--filter', `type=${type}`, '--format', '{{.Status}}').then((text) => text.split('\n').sort());
  assert.deepEqual(await statuses('container'), ['attach', 'create', 'died', 'init', 'remove', 'start']);
  assert.deepEqual(await statuses('volume'), ['create', 'remove']);
});

test('volume prune is an event of each volume beside its removal', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('volume', 'create', 'data');
  await tspod.ok('volume', 'prune', '--force');
  const events = await tspod.ok(...past, '--filter', 'type=volume', '--format', '{{.Status}} {{.Name}}');
  assert.equal(events, 'create data\nremove data\nprune data');
});

test('what is done to images is an event, too', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('tag', 'busybox', 'other');
  await tspod.ok('rmi', 'other');
  const lines = await tspod.ok(...past, '--filter', 'type=image', '--filter', 'image=localhost/other:latest');
  assert.match(lines, /^\S+ \S+ \+0000 UTC image tag [0-9a-f]{64} localhost\/other:latest\n.* image untag .*$/);
});

test('events follows what happens, and --until ends it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const watcher = tspod.start('events', '--since', '1h', '--format', 'json', '--filter', 'type=container');
  let seen = '';
  watcher.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  await tspod.ok('run', '--rm', '--network', 'none', '--name', 'c', 'busybox', 'true');
  await eventually(() => seen.includes('"Status":"remove"'), 'the removal is seen');
  watcher.kill();
  for (const line of seen.trim().split('\n')) assert.equal((JSON.parse(line) as { Name: string }).Name, 'c');
  const ended = await tspod('events', '--since', '1h', '--until', '1s', '--filter', 'event=remove');
  assert.match(ended.stdout, /container remove/);
  assert.equal(ended.exitCode, 0);
});

test('events shows what happens from the moment that it was started, however long it takes to come up', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '--rm', '--network', 'none', '--name', 'before', 'busybox', 'true');
  const watcher = tspod.start('events', '--filter', 'event=start', '--format', '{{.Name}}');
  let seen = '';
  watcher.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  watcher.kill('SIGSTOP'); // As on a machine where others have the processors.
  await tspod.ok('run', '--rm', '--network', 'none', '--name', 'meanwhile', 'busybox', 'true');
  watcher.kill('SIGCONT');
  await eventually(() => seen.includes('meanwhile'), 'the start is seen');
  await tspod.ok('run', '--rm', '--network', 'none', '--name', 'after', 'busybox', 'true');
  await eventually(() => seen === 'meanwhile\nafter\n', 'those starts and no others are seen');
  watcher.kill();
});

/** Arguments of unshare(1) that run a program, as the same user, where nobody has an instance of inotify: user_namespaces(7), "max_inotify_instances". */
const withoutInotify = [
  ...['--user', '--map-root-user', 'sh', '-ec'],
  'echo 0 > /proc/sys/user/max_inotify_instances; gid=$1; shift; exec unshare --user --map-user="$0" --map-group="$gid" -- "$@"',
];

test(
  'events follows also where the user may watch no more files',
  { skip: missing('program:unshare', 'subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { uid, gid } = userInfo();
    const args = [...withoutInotify, String(uid), String(gid), tspod.program, 'events'];
    const watcher = spawn('unshare', [...args, '--since', '1h', '--filter', 'type=volume'], { env: tspod.env });
    let seen = '';
    watcher.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    try {
      await tspod.ok('volume', 'create', 'before');
      await eventually(() => seen.includes('volume create before'), 'what was there is seen');
      await tspod.ok('volume', 'create', 'after');
      await eventually(() => seen.includes('volume create after'), 'what comes is seen');
    } finally {
      watcher.kill();
      await once(watcher, 'close');
    }
  },
);

for (const [args, sentence] of [
  [['--filter', 'colour=red'], '"colour" is not something to filter by'],
  [['--filter', 'type=thing'], '"thing" is not a type of events'],
  [['--since', 'yesterday'], '"yesterday" is not a time'],
] as const) {
  test(`events ${args.join(' ')} is refused`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { stderr, exitCode } = await tspod('events', ...args);
    assert.equal(exitCode, 125);
    assert.ok(stderr.includes(sentence), stderr);
  });
}
