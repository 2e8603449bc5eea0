/** What a container, or an image, might make of what is ours on this machine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxPath } from '../support/busybox.ts';
import { busyboxImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { eventually, finish, tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];
const noFuse = missing('fuse');
const noPasta = missing('tun', 'program:pasta');

test('no controlling terminal and no session is shared with the container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(await tspod.ok(...run, 'busybox', 'sh', '-c', 'cut -d" " -f6,7 /proc/1/stat'), '1 0');
  assert.notEqual((await tspod(...run, 'busybox', 'sh', '-c', 'echo >/dev/tty')).exitCode, 0);
});

test('--pid host: what publishes ports is no way to the files of the host', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const secret = join(tspod.folder, 'secret');
  writeFileSync(secret, 'secret');
  const options = ['--rm', '--pid', 'host', '--publish', '127.0.0.1::80'];
  const seen = 'grep -ls [f]orward /proc/[0-9]*/cmdline | head -n 1 | wc -l';
  const script = `cat /proc/[0-9]*/root${secret} 2>/dev/null; ${seen}`;
  assert.equal(await tspod.ok('run', ...options, 'busybox', 'sh', '-c', script), '1');
});

test("--pid host: who makes another container's network opens nothing of the host", { skip: noPasta }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-slow-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [secret, started, looked] = [join(folder, 'secret'), join(folder, 'started'), join(folder, 'looked')];
  writeFileSync(secret, 'secret');
  const slow = `#!/bin/sh\ntouch ${started}\nuntil test -e ${looked}; do sleep 0.1; done\nPATH="\${PATH#*:}" exec pasta "$@"\n`;
  writeFileSync(join(folder, 'pasta'), slow, { mode: 0o755 });
  const tspod = await tspodWithBusybox(t, { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
  for (const capabilities of [[], ['--cap-add', 'net_admin,sys_admin']]) {
    const options = ['--network', 'none', '--pid', 'host', ...capabilities];
    await tspod.ok('run', '-d', '--name', 'a', ...options, 'busybox', 'sleep', '1000');
    const joining = finish(tspod.start('run', '--rm', '--network', 'pasta', '--uts', 'container:a', 'busybox', 'true'));
    await eventually(() => existsSync(started), 'the network is being made');
    const seen = 'grep -ls [j]oin /proc/[0-9]*/cmdline | head -n 1 | wc -l';
    const found = await tspod.ok('exec', 'a', 'sh', '-c', `cat /proc/[0-9]*/root${secret} 2>/dev/null; ${seen}`);
    writeFileSync(looked, '');
    assert.deepEqual(await joining, { stdout: '', stderr: '', exitCode: 0 });
    assert.equal(found, '1', capabilities.join(' '));
    await tspod.ok('rm', '--force', '--time', '0', 'a');
    for (const file of [started, looked]) rmSync(file);
  }
});

test('the program that made the container cannot be reached or written from inside', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'for e in /proc/[0-9]*/exe; do (: >>$e) 2>/dev/null && readlink $e; done | grep -v busybox; true';
  assert.equal(await tspod.ok(...run, '--init', 'busybox', 'sh', '-c', script), '');
  assert.equal(
    await tspod.ok(...run, 'busybox', 'sh', '-c', 'echo /proc/[0-9]*'),
    '/proc/1',
    'its own processes are all it sees',
  );
});

test('--init: what runs as the init program is not the file of the user who has installed tspod', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const project = join(import.meta.dirname, '../..');
  cpSync(join(project, 'dist'), join(tspod.folder, 'dist'), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(tspod.folder, 'node_modules'));
  const program = join(tspod.folder, 'dist/tspod-monitor');
  const before = statSync(program).mode;
  const script = 'mount -o remount,bind,rw /run/podman-init; chmod 4755 /run/podman-init; stat -c %a /run/podman-init';
  const options = ['--init', '--cap-add', 'sys_admin'];
  const command = [...run, ...options, 'busybox', 'sh', '-c', script];
  assert.equal(
    execFileSync(join(tspod.folder, 'dist/tspod'), command, { env: tspod.env, encoding: 'utf8' }).trim(),
    '4755',
  );
  assert.equal(statSync(program).mode, before);
});

test('a symlink in the image does not lead a mount out of the container', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { busyboxRoot } = await import('../support/busybox.ts');
  const { existsSync } = await import('node:fs');
  const evil = `/tmp/tspod-escape-${String(process.pid)}`;
  await tspod.load(
    {
      layers: [
        [
          ...busyboxRoot().filter(({ path }) => path !== 'dev/'),
          { path: 'evil', type: 'symlink', link: evil },
          { path: 'dev', type: 'symlink', link: '/tmp' },
        ],
      ],
    },
    'localhost/evil:latest',
  );
  await tspod(...run, '--tmpfs', '/evil/inside', 'localhost/evil', 'true');
  await tspod(...run, '--workdir', '/evil/work', 'localhost/evil', 'true');
  assert.equal(existsSync(evil), false);
});

test('a terminal that the container only makes up is refused, and holds nothing up', { skip: noFuse }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const ptmx = join(import.meta.dirname, '../../dist/test/ptmx');
  const options = ['--network', 'none', '--device', '/dev/fuse', '--cap-add', 'sys_admin', '-v', `${ptmx}:/ptmx:ro`];
  await tspod.ok('run', '-d', '--name', 'c', ...options, 'busybox', '/ptmx');
  const mounted = ['exec', 'c', 'grep', '-q', '/dev/pts/ptmx fuse', '/proc/mounts'];
  await eventually(async () => (await tspod(...mounted)).exitCode === 0, 'it is mounted');
  const { exitCode, stderr } = await tspod('exec', '-t', 'c', 'true');
  assert.match(stderr, /^Error: no terminal can be made in the container: its \/dev\/pts is not a devpts\n.*--tty/);
  assert.equal(exitCode, 125);
  await tspod.ok('stop', '--time', '0', 'c');
});

test("the keys of the caller's session are not the container's, nor those of exec", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const keyring = join(import.meta.dirname, '../../dist/test/keyring');
  const hold = (...command: readonly string[]) =>
    execFileSync(keyring, ['hold', 'tspod-test', ...command], { env: tspod.env, encoding: 'utf8' }).trim();
  assert.equal(hold(keyring, 'read', 'tspod-test'), 'secret');
  const inside = ['-v', `${keyring}:/keyring:ro`, '--security-opt', 'seccomp=unconfined', 'busybox'];
  const read = ['/keyring', 'read', 'tspod-test'];
  assert.equal(hold(tspod.program, ...run, ...inside, ...read), 'none');
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', ...inside, 'sleep', '1000');
  assert.equal(hold(tspod.program, 'exec', 'c', ...read), 'none');
});

test('sockets and state are for their owner alone', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('run', '-d', '-t', '--network', 'none', 'busybox', 'sleep', '1000');
  const mode = (...path: readonly string[]) => (statSync(join(...path)).mode & 0o777).toString(8);
  const folder = join(tspod.runtime, 'containers', id);
  for (const path of [tspod.runtime, join(tspod.runtime, 'containers'), folder]) assert.equal(mode(path), '700', path);
  assert.equal(mode(folder, 'attach'), '600');
  assert.equal(mode(tspod.store, 'containers', id), '700');
  for (const file of ['config.json', 'init.json', 'ctr.log']) {
    assert.equal(mode(tspod.store, 'containers', id, file), '600', file);
  }
});

test('an exec has the descriptors it was given, and nothing else', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sleep', '1000');
  const shell = (script: string) =>
    execFileSync('bash', ['-c', script, tspod.program], { env: tspod.env, encoding: 'utf8' }).trim();
  const list = 'sh -c "cd /proc/self/fd; echo *"';
  assert.equal(shell(`exec 3</dev/null 9</dev/null; "$0" exec c ${list}`), '0 1 2 3', 'the third is the directory');
  assert.equal(shell('exec 3< <(echo three); "$0" exec --preserve-fds 1 c cat /proc/self/fd/3'), 'three');
});

test('no working directory and no program leads out of the container by a descriptor of ours', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sleep', '1000');
  const program = `${'../'.repeat(12)}${busyboxPath() ?? ''}`;
  for (const link of [7, 8, 9, 10, 11].map((number) => `/proc/self/fd/${String(number)}`)) {
    for (const command of [
      [...run, '--workdir', link, 'busybox', 'ls', '-a'],
      [...run, 'busybox', `${link}/${program}`, 'echo', 'out'],
      ['exec', '--workdir', link, 'c', 'ls', '-a'],
      ['exec', 'c', `${link}/${program}`, 'echo', 'out'],
    ]) {
      const { exitCode, stdout } = await tspod(...command);
      assert.equal(stdout, '', command.join(' '));
      assert.notEqual(exitCode, 0, command.join(' '));
    }
  }
});

test('a program that is a link to /proc/self/exe does not run ours', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const image = busyboxImage();
  const links = [{ path: 'evil', type: 'symlink' as const, link: '/proc/self/exe' }];
  await tspod.load({ ...image, layers: [...image.layers, links] }, 'localhost/evil:latest');
  const direct = await tspod(...run, 'localhost/evil', '/evil', 'sh', '-c', 'readlink /proc/self/exe');
  assert.doesNotMatch(direct.stdout, /tspod|monitor/);
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'localhost/evil', 'sleep', '1000');
  const script = '(: >>/proc/self/exe) 2>&1; for e in /proc/[0-9]*/exe; do readlink $e; done | grep -v busybox; true';
  assert.doesNotMatch(await tspod.ok('exec', 'c', 'sh', '-c', script), /tspod|monitor|memfd/);
  assert.notEqual((await tspod('exec', 'c', '/evil', 'version')).exitCode, 0);
});

test('a passwd file that is a pipe, a directory or a link to the host stops nothing and is not read', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const image = busyboxImage();
  const secret = join(tspod.folder, 'passwd');
  writeFileSync(secret, 'stranger:x:7:7::/:/bin/sh\n');
  for (const [name, passwd] of [
    ['link', { path: 'etc/passwd', type: 'symlink' as const, link: secret }],
    ['directory', { path: 'etc/passwd/', type: 'directory' as const }],
    ['pipe', { path: 'etc/passwd', type: 'fifo' as const }],
  ] as const) {
    await tspod.load({ ...image, layers: [...image.layers, [passwd]] }, `localhost/${name}`);
    const { exitCode, stdout } = await tspod(...run, '--user', 'stranger', `localhost/${name}`, 'id', '-u');
    assert.notEqual(stdout, '7', name);
    assert.notEqual(exitCode, 0, name);
  }
});

test('nothing of ours is setuid or has capabilities', async () => {
  const { readdirSync } = await import('node:fs');
  const dist = join(import.meta.dirname, '../../dist');
  for (const file of readdirSync(dist)) assert.equal(statSync(join(dist, file)).mode & 0o6000, 0, file);
});
