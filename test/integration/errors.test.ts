import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { assertRefused } from '../support/refused.ts';
import { tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];

test('run names the missing image and leaves nothing behind', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await assertRefused(
    tspod,
    ['run', '--pull=never', 'no-such-image'],
    /Error: no image "no-such-image".*\n.*try: tspod pull no-such-image/,
  );
});

test('a file that cannot be written where nobody expects it is named, with the reason', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const missing = '/no/such/place/pid';
  await assertRefused(
    tspod,
    ['run', '-d', '--network', 'none', '--pidfile', missing, 'busybox', 'sleep', '1000'],
    /^Error: cannot open "\/no\/such\/place\/pid": no such file or directory\n {2}try: ls -ld \/no\/such\/place$/m,
  );
  await assertRefused(
    tspod,
    ['run', '-d', '--network', 'none', '--pidfile', '/', 'busybox', 'sleep', '1000'],
    /^Error: cannot open "\/": .*directory/m,
  );
});

test('a bind source that does not exist is named', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await assertRefused(tspod, [...run, '-v', '/no/such/source:/data', 'busybox', 'true'], /"\/no\/such\/source"/);
});

test('a name in use is refused', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'taken', 'busybox');
  const { exitCode, stderr } = await tspod('create', '--name', 'taken', 'busybox');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"taken"/);
  assert.equal((await tspod.ok('ps', '--all', '--quiet')).split('\n').length, 1);
});

test('a port in use is named', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  const port = String(typeof address === 'object' && address?.port);
  await assertRefused(tspod, ['run', '--rm', '-p', `127.0.0.1:${port}:80`, 'busybox', 'true'], new RegExp(port));
});

test('malformed flag values are refused with the flag and the value', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  for (const [flag, value] of [
    ['--memory', '64x'],
    ['--publish', '70000:80'],
    ['--publish', '80:80:80:80'],
    ['--volume', 'relative/../x:'],
    ['--pids-limit', 'many'],
    ['--cpus', '-1'],
    ['--restart', 'sometimes'],
    ['--stop-signal', 'SIGNOTHING'],
    ['--ulimit', 'nofile'],
    ['--cap-add', 'CAP_NOTHING'],
    ['--network', 'slirp4netns:mtu=x'],
    ['--userns', 'mine'],
    ['--log-driver', 'telegraph'],
    ['--add-host', 'nothing'],
    ['--name', '../escape'],
  ] as const) {
    const { exitCode, stderr } = await tspod('run', '--rm', flag, value, 'localhost/tspod/hello');
    assert.equal(exitCode, 125, `${flag} ${value}: ${stderr}`);
    assert.ok(stderr.includes(value.split(':')[0] ?? value), `${flag} ${value}: ${stderr}`);
  }
});

test('an unknown flag and an unknown command are refused as Podman does', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const flag = await tspod('run', '--no-such-flag', 'busybox');
  assert.equal(flag.exitCode, 125);
  assert.match(flag.stderr, /unknown flag: --no-such-flag/);
  const command = await tspod('no-such-command');
  assert.equal(command.exitCode, 125);
  assert.match(command.stderr, /no-such-command/);
});

test('what does not exist is named: container, image, volume', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  for (const command of ['start', 'stop', 'kill', 'rm', 'logs', 'wait', 'inspect', 'attach', 'restart']) {
    const { exitCode, stderr } = await tspod(command, 'nobody');
    assert.equal(exitCode, command === 'rm' ? 1 : 125, `${command}: ${stderr}`);
    assert.match(stderr, /"nobody"/);
  }
  assert.equal((await tspod('exec', 'nobody', 'true')).exitCode, 125);
  assert.equal((await tspod('rmi', 'nobody')).exitCode, 1);
});

test('an unknown user of the image is named', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await assertRefused(tspod, [...run, '--user', 'stranger', 'busybox', 'true'], /"stranger"/, 126);
});

test(
  'a limit whose controller is not delegated is an error that names it',
  { skip: missing('cgroup:memory') ? false : 'every controller is delegated here' },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    await assertRefused(
      tspod,
      [...run, '--memory', '64m', 'busybox', 'true'],
      /memory.*(cgroup|controller)|(cgroup|controller).*memory/,
    );
    assert.equal((await tspod(...run, '--cgroups=disabled', 'busybox', 'true')).exitCode, 0);
  },
);

test('create refuses what a start would refuse: capabilities, options of the network', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await assertRefused(tspod, ['create', '--cap-add', 'fly', 'busybox'], /"fly"/);
  await assertRefused(tspod, ['create', '--network', 'slirp4netns:mtu=x', 'busybox'], /mtu=x/);
  await assertRefused(tspod, ['create', '--device-read-bps', '/dev/null:1mb', 'busybox'], /"\/dev\/null"/);
});

test('--env-file is ours, not that of the Node that runs us', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await assertRefused(
    tspod,
    ['create', '--env-file', '/no/such/file', 'busybox'],
    /^Error: cannot read "\/no\/such\/file"/,
  );
  writeFileSync(join(tspod.folder, 'env'), 'XDG_DATA_HOME=/no/such/store\n');
  await assertRefused(tspod, ['create', '--pull=never', '--env-file', 'env', 'none'], /no image "none"/);
});

test('what an image, a label or an argument holds does not command the terminal', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const red = '\x1b[31mred\x9b';
  const missing = await tspod(...run, 'busybox', red);
  assert.match(missing.stderr, /^Error: the command "\?\[31mred\?" was not found/);
  await tspod.ok('create', '--name', 'c', '--label', `a=${red}\nb`, 'busybox', red);
  assert.match(await tspod.ok('ps', '--all'), / \?\[31mred\? /);
  assert.match(await tspod.ok('events', '--stream=false', '--filter', 'container=c'), /a=\?\[31mred\?\?b\)$/);
  await tspod.ok('commit', '--format', 'docker', '--message', `${red}\nb`, 'c', 'i');
  assert.match(await tspod.ok('history', 'i'), / \?\[31mred\?\?b$/m);
  await tspod.ok('rm', 'c');
  await tspod.ok('run', '--name', 'c', '--network', 'none', 'busybox', 'touch', `/${red}`);
  assert.match(await tspod.ok('diff', 'c'), /^A \/\?\[31mred\?$/m);
  assert.match(await tspod.ok('diff', '--format', 'json', 'c'), /"\/\\u001b\[31mred/);
});

test('exec names an --env-file that cannot be read', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { exitCode, stderr } = await tspod('exec', '--env-file', '/no/such/file', 'c', 'true');
  assert.match(stderr, /^Error: cannot read "\/no\/such\/file"/);
  assert.equal(exitCode, 125);
});

test(
  'where no_new_privs takes the power of newuidmap, that is what every command says',
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    await tspod.ok('save', '--output', join(tspod.folder, 'image.tar'), 'busybox');
    await tspod.ok('rmi', 'busybox');
    for (const words of [
      [...run, 'localhost/tspod/hello'],
      ['load', '--input', join(tspod.folder, 'image.tar')],
      ['unshare', 'true'],
    ]) {
      const { status, stderr } = spawnSync('setpriv', ['--no-new-privs', tspod.program, ...words], {
        env: tspod.env,
        encoding: 'utf8',
      });
      assert.match(
        stderr,
        /^Error: .*new[ug]idmap may not map your subordinate ids: this process can gain no privileges$/m,
      );
      assert.match(stderr, /^ {2}Run tspod outside of what sets no_new_privs: /m);
      assert.equal(status, 125);
    }
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  },
);

test('a umask that takes everything from everybody does not keep tspod from its own files', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'umask 0777; "$0" run --name c --network none busybox sh -c "umask; id -u" && "$0" rm c';
  const { stdout, stderr } = spawnSync('sh', ['-c', script, tspod.program], { env: tspod.env, encoding: 'utf8' });
  assert.equal(stdout, '0022\n0\nc\n', stderr);
});

test('who may open almost no files is told so', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const script = 'ulimit -n 12; exec "$0" ps';
  const { status, stderr } = spawnSync('sh', ['-c', script, tspod.program], { env: tspod.env, encoding: 'utf8' });
  assert.match(stderr, /^Error: you may have only 12 files open at once, and tspod needs 32\n {2}An administrator/);
  assert.equal(status, 125);
});
