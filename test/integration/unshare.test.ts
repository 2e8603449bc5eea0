import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { assertRefused } from '../support/refused.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

test('unshare says why a program cannot be run', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const script = join(tspod.folder, 'script');
  writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 });
  for (const [program, reason, status] of [
    [script, 'cannot be invoked: no such file or directory', 127],
    [tspod.folder, 'cannot be invoked: permission denied', 126],
    ['/no/such/program', 'was not found', 127],
  ] as const) {
    await assertRefused(
      tspod,
      ['unshare', program],
      new RegExp(`^Error: the command "${program}" ${reason}\n {2}`),
      status,
    );
  }
});

test('unshare names the store to what it runs', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('volume', 'create', 'data');
  assert.equal(await tspod.ok('unshare', 'sh', '-c', 'ls "$CONTAINERS_GRAPHROOT/volumes"'), 'data');
  const runRoot = await tspod.ok('info', '--format', '{{.Store.RunRoot}}');
  assert.equal(await tspod.ok('unshare', 'sh', '-c', 'echo "$CONTAINERS_RUNROOT"'), runRoot);
});

test('unshare says why the ids cannot be mapped', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('unshare', 'true'); // What is known of the host is kept.
  writeFileSync(join(tspod.folder, 'newuidmap'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const env = { ...tspod.env, PATH: `${tspod.folder}:${tspod.env['PATH'] ?? ''}` };
  const { status, stderr } = spawnSync(tspod.program, ['unshare', 'true'], { env, encoding: 'utf8' });
  assert.match(stderr, /^Error: newuidmap refused to map your subordinate ids\n {2}Its file capabilities/);
  assert.equal(status, 125);
});
