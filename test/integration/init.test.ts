import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

test('init writes the runtime spec and the files that the container will see, and starts nothing', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--hostname', 'h', '--network', 'none', 'busybox', 'sleep', '7');
  assert.equal(await tspod.ok('init', 'c'), 'c');
  const path = await tspod.ok('inspect', '--format', '{{.OCIConfigPath}}', 'c');
  const spec = JSON.parse(readFileSync(path, 'utf8')) as { hostname: string; process: { args: string[] } };
  assert.deepEqual([spec.hostname, spec.process.args], ['h', ['sleep', '7']]);
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}}', 'c'), 'initialized');
  assert.equal(
    await tspod.ok('ps', '--all', '--filter', 'status=initialized', '--format', '{{.Status}}'),
    'Initialized',
  );
  assert.match((await tspod('init', 'c')).stderr, /it is initialized\n {2}try: tspod start c/);
  await tspod.ok('start', 'c');
  assert.equal((await tspod('init', 'c')).exitCode, 125, 'it runs');
  await tspod.ok('stop', '--time', '0', 'c');
  await tspod.ok('init', 'c');
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'c'), 'initialized 0');
  await tspod.ok('rm', 'c');
});
