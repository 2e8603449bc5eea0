import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { findProcesses, parentOf, readText } from '../support/processes.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

/** Those of native/failpoint.h. */
const FAILPOINTS = [
  'after-clone',
  'after-map',
  'during-fill',
  'after-root',
  'after-go',
  'after-init-clone',
  'before-init-json',
  'after-running',
  'before-exit-json',
  'after-exit-json',
  'during-remove',
] as const;

const DRIVERS = [
  { driver: 'overlay', skip: missing('overlay', 'subuid') },
  { driver: 'fuse-overlayfs', skip: missing('fuse', 'subuid') },
  { driver: 'vfs', skip: missing('subuid') },
] as const;

/** Moments for each driver; TSPOD_TEST_MOMENTS=200 for a thorough run. Emulated, each takes ten times as long. */
const MOMENTS = Number(process.env['TSPOD_TEST_MOMENTS'] ?? (process.env['TESTBED'] === '1' ? 4 : 30));

test('the failpoints of the tests are those of the native program', () => {
  const header = readFileSync(`${import.meta.dirname}/../../native/failpoint.h`, 'utf8');
  const named = [...header.matchAll(/^\tFAIL_\w+, +\/\* ([a-z-]+):/gm)].map(([, name]) => name);
  assert.deepEqual(named, FAILPOINTS);
});

for (const point of FAILPOINTS) {
  test(`a monitor that dies ${point} leaves a state that ps tells and rm removes`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const dying = await tspodWithEnv(
      tspod,
      { TSPOD_FAILPOINT: point },
      ...['run', '--name', 'c', '--network', 'none', '-v', 'filled:/bin', '-v', '/anonymous', 'busybox', 'true'],
    );
    if (point !== 'during-remove') assert.ok(dying !== 'hung', 'the CLI notices');
    await assertUsable(tspod);
    await tspod.ok('volume', 'prune', '--force');
    await tspodWithEnv(
      tspod,
      { TSPOD_FAILPOINT: point },
      ...['run', '--rm', '--network', 'none', '-v', 'filled:/bin', '-v', '/anonymous', 'busybox', 'true'],
    );
    await tspod.ok('ps', '--all'); // It removes what --rm should have.
    await assertUsable(tspod);
    assert.match(await tspod.ok('volume', 'ls', '--quiet'), /^(filled)?$/, 'no anonymous volume is left');
  });
}

for (const point of ['after-init-clone', 'before-init-json', 'after-running'] as const) {
  test(`a monitor that dies ${point} takes its container along with --pid=host, too`, async (t) => {
    const tspod = await tspodWithBusybox(t);
    // With the variable by which the end of every test knows what it has left.
    const run = ['run', '--rm', '--network', 'none', '--pid', 'host', '--env', 'TSPOD_TEST', 'busybox', 'sleep', '600'];
    assert.ok((await tspodWithEnv(tspod, { TSPOD_FAILPOINT: point }, ...run)) !== 'hung', 'the CLI notices');
    await assertUsable(tspod);
  });
}

test('kill -9 of the monitor ends all that its container has started, with --pid=host, too', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'sleep 1001 & setsid sleep 1002 & (setsid sh -c "sleep 1003 & sleep 1004" &); wait';
  const run = ['run', '-d', '--name', 'c', '--network', 'none', '--pid', 'host', '--env', 'TSPOD_TEST'];
  await tspod.ok(...run, 'busybox', 'sh', '-c', script);
  const marker = tspod.env['TSPOD_TEST'] ?? '';
  const sleeping = () =>
    findProcesses(
      (commandLine, pid) =>
        /^sleep\x00100\d\x00/.test(commandLine) && readText(`/proc/${String(pid)}/environ`).includes(marker),
    ).length;
  await eventually(() => sleeping() === 4, 'all have begun');
  await tspod.ok('exec', '--detach', 'c', 'sh', '-c', 'setsid sleep 1005 & sleep 1006');
  await eventually(() => sleeping() === 6, 'what exec has started, too');
  process.kill(parentOf(Number(await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c'))), 'SIGKILL');
  await tspod.ok('ps');
  await eventually(() => sleeping() === 0, 'nothing of it runs');
  await tspod.ok('rm', 'c');
});

for (const { driver, skip } of DRIVERS) {
  test(`${driver}: kill -9 of the CLI at random moments of run leaves nothing behind`, { skip }, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const run = ['--storage-driver', driver, 'run', '--rm', '--network', 'none', 'busybox', 'true'];
    const began = performance.now();
    await tspod.ok(...run);
    const whole = performance.now() - began;
    for (let moment = 0; moment < MOMENTS; moment += 1) {
      await tspod.killAfter(whole * 1.2 * (moment / MOMENTS), ...run);
      if (moment % 11 === 10) await assertUsable(tspod);
    }
    await assertUsable(tspod);
  });

  test(
    `${driver}: kill -9 of the monitor ends its container, and start and rm accept what is left`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      const global = ['--storage-driver', driver];
      await tspod.ok(...global, 'run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sleep', '1000');
      const init = Number(await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c'));
      process.kill(parentOf(init), 'SIGKILL');
      await eventually(() => !isAlive(init), 'the container ends with its monitor');
      assert.doesNotMatch(await tspod.ok('ps', '--all'), /\bUp\b/);
      await tspod.ok(...global, 'start', 'c');
      assert.match(await tspod.ok('ps'), /\bUp\b/);
      process.kill(parentOf(Number(await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c'))), 'SIGKILL');
      await tspod.ok('rm', '--force', '--time', '0', 'c');
    },
  );
}

for (const { driver, skip } of DRIVERS) {
  test(`${driver}: kill -9 of rm at random moments leaves a container or none`, { skip }, async (t) => {
    const tspod = await tspodWithBusybox(t);
    const make = (...command: readonly string[]) =>
      tspod.ok('--storage-driver', driver, ...command, '--name', 'c', '--network', 'none', 'busybox', 'sleep', '1000');
    const kinds = [['create'], ['run', '-d', '-v', '/anonymous']] as const;
    const wholeMs = [0, 0];
    for (let moment = -2; moment < MOMENTS; moment += 1) {
      const kind = moment % 2 === 0 ? 0 : 1;
      await make(...kinds[kind]);
      const began = performance.now();
      const part = moment < 0 ? Infinity : moment / MOMENTS;
      const remove = ['rm', '--force', '--time', '0', '--volumes', 'c'];
      if (moment < 0) await tspod.ok(...remove);
      else await tspod.killAfter((wholeMs[kind] ?? 0) * 1.1 * part, ...remove);
      if (moment < 0) wholeMs[kind] = performance.now() - began;
      assert.match(
        await tspod.ok('ps', '--all', '--format', '{{.Names}} {{.State}}'),
        /^$|^c (created|running|exited|unknown)$/,
      );
      await tspod.ok('rm', '--force', '--ignore', '--time', '0', '--volumes', 'c');
      assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
      if (moment % 11 === 10) await assertUsable(tspod);
    }
    await tspod.ok('volume', 'prune', '--force');
    assert.equal(await tspod.ok('volume', 'ls', '--quiet'), '');
    await assertUsable(tspod);
  });
}

test('what a power cut leaves of --rm containers and their volumes, whose configs are not synced, is cleared away', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', '--rm', '--name', 'c', '-v', '/anonymous', '--network', 'none', 'busybox');
  const [volume = ''] = readdirSync(join(tspod.store, 'volumes'));
  for (const path of [`containers/${id}`, `volumes/${volume}`])
    writeFileSync(join(tspod.store, path, 'config.json'), '');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
  assert.deepEqual(readdirSync(join(tspod.store, 'containers')), ['by-name']);
  assert.equal(await tspod.ok('volume', 'ls', '--quiet'), '');
  await tspod.ok('volume', 'prune', '--force');
  assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), []);
  assert.equal(await tspod.ok('run', '--name', 'c', '--network', 'none', 'busybox', 'echo', 'works'), 'works');
});

test('a state file that is damaged stops nothing for ever: rm -f removes the container, also one that runs', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sleep', '1000');
  const file = join(tspod.store, 'containers', id, 'config.json');
  const init = Number(await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c'));
  writeFileSync(file, '{"id": ');
  const { exitCode, stderr } = await tspod('ps');
  assert.deepEqual(
    [exitCode, stderr],
    [
      125,
      `Error: the state file "${file}" is damaged\n  Put a copy of it there, or remove the container: tspod rm -f ${id}`,
    ],
  );
  assert.equal(await tspod.ok('rm', '--force', 'c'), id);
  assert.ok(!isAlive(init));
  await tspod.ok('create', '--name', 'c', '--network', 'none', 'busybox');
  const other = await tspod.ok('run', '-d', '--name', 'd', '--network', 'none', 'busybox', 'true');
  await tspod.ok('wait', 'd');
  writeFileSync(join(tspod.store, 'containers', other, 'exit.json'), '{');
  assert.match(await tspod.ok('ps', '--all', '--format', '{{.Names}} {{.State}}'), /^c created\nd unknown$/);
  await tspod.ok('rm', 'd');
});

/** The next command works, `ps -a` tells the truth, and what it tells can be removed. */
async function assertUsable(tspod: Tspod): Promise<void> {
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', 'works'), 'works');
  await tspod.ok('rm', '--all', '--force', '--time', '0');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
}

/** The exit status, or `hung` when the command has not ended after a minute. */
async function tspodWithEnv(
  tspod: Tspod,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<number | 'hung'> {
  const { spawn } = await import('node:child_process');
  const child = spawn(tspod.program, args, { env: { ...tspod.env, ...env }, stdio: 'ignore' });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve('hung');
    }, 60_000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? 128);
    });
  });
}

function isAlive(pid: number): boolean {
  return readdirSync('/proc').includes(String(pid));
}
