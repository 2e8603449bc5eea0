import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const execute = promisify(execFile);
const skip = missing('systemd', 'subuid');

async function systemctl(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute('systemctl', ['--user', ...args]).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout.trim();
}

/** The unit of a container, linked into the user's manager as the user would, with this test's store. */
async function withUnit(t: TestContext, name: string, options: readonly string[] = []) {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', name, '--network', 'none', 'busybox', 'sleep', '1000');
  const path = await tspod.ok('generate', 'systemd', '--new', '--name', '--files', ...options, name);
  await tspod.ok('rm', name);
  const unit = `container-${name}.service`;
  assert.equal(path, join(tspod.folder, unit));

  const dropIn = `/run/user/${String(process.getuid?.())}/systemd/user/${unit}.d`;
  mkdirSync(dropIn, { recursive: true });
  const environment = Object.entries(tspod.env).map(([key, value]) => `Environment="${key}=${value}"`);
  writeFileSync(join(dropIn, 'test.conf'), `[Service]\n${environment.join('\n')}\n`);
  t.after(async () => {
    await systemctl('disable', '--now', unit);
    rmSync(dropIn, { recursive: true });
    await systemctl('reset-failed', unit);
    await systemctl('daemon-reload');
  });
  await execute('systemctl', ['--user', 'enable', '--now', path]);
  return { tspod, unit };
}

test(
  "generate systemd: the unit runs as it is, knows its main process and shows the container's",
  { skip },
  async (t) => {
    const { tspod, unit } = await withUnit(t, 'unit-a');
    assert.equal(await systemctl('is-active', unit), 'active');
    assert.equal(await systemctl('show', '--value', '--property', 'Type', unit), 'notify');
    assert.match(await systemctl('status', unit), /sleep 1000/);
    const main = await systemctl('show', '--value', '--property', 'MainPID', unit);
    assert.match((await execute('ps', ['-o', 'comm=', '-p', main])).stdout, /tspod-monitor/);
    assert.match(await tspod.ok('ps'), / unit-a$/m);
  },
);

test('generate systemd --new: what is relative is below the directory of creation', async (t) => {
  const tspod = await tspodWithBusybox(t);
  mkdirSync(join(tspod.folder, 'x'));
  writeFileSync(join(tspod.folder, 'e'), 'A=1\n');
  const relative = ['-v', './x:/b', '--mount', 'type=bind,src=./x,dst=/m', '--env-file', 'e', '-e', 'XDG_DATA*'];
  await tspod.ok('create', '--name', 'c', '--network', 'none', ...relative, 'busybox', 'true');
  const unit = (await tspod.ok('generate', 'systemd', '--new', '--name', 'c')).replaceAll(/\s+(?:\\\n)?\s*/g, ' ');
  const { folder } = tspod;
  assert.ok(unit.includes(` -v ${folder}/x:/b --mount type=bind,src=${folder}/x,dst=/m --env-file ${folder}/e `), unit);
  assert.ok(unit.includes(` -e XDG_DATA_HOME=${tspod.env['XDG_DATA_HOME'] ?? ''} `), unit);
});

test('generate systemd: stop stops the container and leaves nothing', { skip }, async (t) => {
  const { tspod, unit } = await withUnit(t, 'unit-b');
  await systemctl('stop', unit);
  assert.equal(await systemctl('is-active', unit), 'inactive');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  assert.deepEqual(readdirSync(join(tspod.runtime, 'containers')), []);
});

test('generate systemd: systemd starts it again after kill -9 of the main process', { skip }, async (t) => {
  const { tspod, unit } = await withUnit(t, 'unit-c', ['--restart-policy', 'always']);
  const first = await systemctl('show', '--value', '--property', 'MainPID', unit);
  process.kill(Number(first), 'SIGKILL');
  await eventually(async () => {
    const now = await systemctl('show', '--value', '--property', 'MainPID', unit);
    return now !== first && now !== '0' && (await systemctl('is-active', unit)) === 'active';
  }, 'another main process is active');
  assert.match(await tspod.ok('ps'), /\bUp\b.* unit-c$/m);
});

test('generate systemd: no word of a container reaches the unit unescaped', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const hostile = 'a %h $HOME "b" \\ c\nExecStartPre=/bin/touch /tmp/owned';
  await tspod.ok('create', '--name', 'c', '--label', `x=${hostile}`, 'busybox', 'echo', hostile);
  const unit = await tspod.ok('generate', 'systemd', '--new', '--name', 'c');
  assert.doesNotMatch(unit, /^ExecStartPre=\/bin\/touch/m);
  assert.match(unit, /%%h/);
  assert.match(unit, /\$\$HOME/);
});

test('generate systemd: a template, restarts and variables', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'web', '--restart', 'on-failure:3', 'busybox', 'true');
  const generate = (...options: string[]) => tspod.ok('generate', 'systemd', ...options, 'web');
  assert.equal(await generate('--template', '--name', '--files'), join(tspod.folder, 'container-web@.service'));
  const template = await generate('--template', '--env', 'LANG', '--env', 'NONE');
  assert.match(template, /--name web-%i/);
  assert.match(template, /^Environment=LANG=C.UTF-8$/m);
  assert.doesNotMatch(template, /NONE/);
  const quoted = await generate('--env', "'A=b c'", '--env', '"D=e"');
  assert.match(quoted, /^Environment="A=b c"\nEnvironment=D=e$/m);
  assert.match(template, /^StartLimitBurst=3$/m);
  assert.match(await generate('--new', '--restart-policy', 'no'), /^Restart=no$/m);
  assert.deepEqual(Object.keys(JSON.parse(await generate('--name', '--format', 'json')) as object), ['container-web']);
  const existing = await tspod('generate', 'systemd', '--no-header', 'web');
  assert.match(existing.stderr, /the restart policy "on-failure", and systemd would start it, too/);
  const { exitCode, stderr } = await tspod('generate', 'systemd', '--template', '--new=false', 'web');
  assert.equal(exitCode, 125);
  assert.match(stderr, /--template cannot be set with --new=false/);
});
