import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertRefused } from '../support/refused.ts';
import { tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

const HELLO = 'localhost/tspod/hello';
const run = ['run', '--rm', '--network', 'none', HELLO];

test('a store or a runtime directory where nothing can be kept is refused in a sentence', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const at = (name: string) => join(tspod.folder, name);
  writeFileSync(at('file'), '');
  symlinkSync('/nowhere', at('dangling'));
  mkdirSync(at('closed'));
  chmodSync(at('closed'), 0o500);
  const faults = [
    ['/proc', 'you may not write to "/proc"'],
    ['/sys', 'you may not write to "/sys"'],
    [at('file'), `"${at('file')}" is not a directory`],
    [at('dangling'), `"${at('dangling')}" is a link to "/nowhere", which is not there`],
    [at('closed'), `you may not write to "${at('closed')}"`],
  ] as const;
  for (const [place, fault] of faults) {
    const inStore = `Error: cannot use "${place}" as the store: ${fault}\n  Choose another one: --root DIR, or XDG_DATA_HOME`;
    for (const words of [['images'], run, ['volume', 'create', 'v']]) {
      assert.deepEqual(await tspod('--root', place, ...words), { stdout: '', stderr: inStore, exitCode: 125 });
    }
    const { XDG_DATA_HOME, ...env } = tspod.env;
    assert.ok(XDG_DATA_HOME !== undefined);
    const inHome = spawnSync(tspod.program, run, { env: { ...env, HOME: place }, encoding: 'utf8' });
    assert.equal(inHome.stderr, `${inStore.replace(`"${place}"`, `"${place}/.local/share/tspod"`)}\n`);
    const { stderr, exitCode } = await tspod('--runroot', place, ...run);
    assert.match(stderr, /^Error: cannot use ".*" as the runtime directory: .*\n {2}Choose another one: --runroot DIR/);
    assert.equal(exitCode, 125);
  }
});

test('a store or a runtime directory with a newline in its path, or a very long one, is used', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  for (const name of ['new\nline', 'x'.repeat(200), 'a, b:c\\d "e"']) {
    const place = join(tspod.folder, name);
    for (const option of ['--root', '--runroot']) {
      assert.match(await tspod.ok(option, place, ...run), /^Hello from a container/, `${option} ${name}`);
    }
    assert.equal((await tspod('--root', place, 'system', 'reset', '--force')).exitCode, 0);
  }
});

test('--cidfile where nothing can be made is refused', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { stderr, exitCode } = await tspod('run', '--cidfile', '/proc/none/id', HELLO);
  assert.match(stderr, /^Error: .*"\/proc\/none\/id"/);
  assert.equal(exitCode, 125);
});

test('a runtime directory that another user has put where ours was is neither asked nor removed', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('run', '-d', '--network', 'none', '--name', 'c', 'busybox', 'sleep', '1000');
  // As below /tmp/tspod-run-UID, which somebody else has made: the directory above is root's.
  const foreign = join(tspod.folder, id);
  const link = join(tspod.store, 'containers', id, 'run');
  assert.equal(readlinkSync(link), join(tspod.runtime, 'containers', id));
  mkdirSync(foreign);
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.destroy();
  });
  await once(server.listen(join(foreign, 'attach')), 'listening');
  t.after(() => server.close());
  rmSync(link);
  symlinkSync(foreign, link);
  assert.equal(await tspod.ok('exec', 'c', 'echo', 'well'), 'well');
  await tspod.ok('stop', '--time', '0', 'c');
  assert.equal(visits, 0);
  await tspod.ok('start', 'c');
  assert.equal(readlinkSync(link), join(tspod.runtime, 'containers', id));
  assert.ok(existsSync(join(foreign, 'attach')));
});

test('relative directories in the environment are ignored, those of flags are taken from here', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const env = { ...tspod.env, XDG_RUNTIME_DIR: 'run', XDG_DATA_HOME: 'data' };
  const root = (...args: readonly string[]) =>
    spawnSync(tspod.program, [...args, 'info', '--format', '{{.Store.GraphRoot}} {{.Store.RunRoot}}'], {
      env,
      cwd: tspod.folder,
      encoding: 'utf8',
    }).stdout.trim();
  assert.match(root(), new RegExp(`^${tspod.folder}/home/.local/share/tspod /`));
  assert.equal(root('--root', 'r', '--runroot', 's'), `${tspod.folder}/r ${tspod.folder}/s`);
});

test("somebody else's runtime directory, as su leaves it, is not used", async (t) => {
  const tspod = await tspodWithEmptyStore(t, { env: { XDG_RUNTIME_DIR: '/usr' } });
  assert.match(await tspod.ok(...run), /Hello from a container/);
  await assertRefused(tspod, ['login', '--get-login', 'localhost:5000'], /not logged into/);
});
