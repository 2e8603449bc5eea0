/** What a container runs: the words after IMAGE, the entrypoint, the variables, and an init before them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('run --init puts an init before the command, which reaps and forwards signals', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const name = await tspod.ok(
    'run',
    '--rm',
    '--init',
    '--network',
    'none',
    'busybox',
    'sh',
    '-c',
    'cat /proc/1/comm; echo $$',
  );
  assert.doesNotMatch(name, /^sh$/m);
  await tspod.ok(...detached, '--init', '--name', 'c', 'busybox', 'sleep', '1000');
  await tspod.ok('stop', '--time', '100', 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.ExitCode}}', 'c'), '143');
});

test("entrypoint, command, workdir, env and env-file are the user's before the image's", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const run = (...args: string[]) => tspod.ok('run', '--rm', '--network', 'none', ...args);
  assert.equal(await run('--entrypoint', 'echo', 'busybox', 'a', 'b'), 'a b');
  assert.equal(await run('--entrypoint', '["echo","x"]', 'busybox', 'a'), 'x a');
  assert.equal(await run('-w', '/tmp', 'busybox', 'pwd'), '/tmp');
  writeFileSync(join(tspod.folder, 'env'), '# comment\nFROM_FILE=1\nBOTH=file\nHOME_COPY\n');
  const script = 'echo $FROM_FILE $BOTH $PATH $container';
  assert.equal(
    await run('--env-file', join(tspod.folder, 'env'), '-e', 'BOTH=flag', 'busybox', 'sh', '-c', script),
    '1 flag /bin:/usr/bin podman',
  );
});

test('ids are not confused with the words of the command line after IMAGE', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(
    await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', '-d', '--rm', '--', '-x'),
    '-d --rm -- -x',
  );
});
