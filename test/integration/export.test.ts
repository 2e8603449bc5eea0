import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { changedContainer } from '../support/changed-container.ts';

test('export writes the root file system of a container, running or not', async (t) => {
  const tspod = await changedContainer(t, 'overlay');
  const file = join(tspod.folder, 'root.tar');
  await tspod.ok('export', '--output', file, 'c');
  const list = execFileSync('tar', ['-tv', '--numeric-owner', '-f', file]).toString();
  assert.match(list, /^-rwsr-xr-x 1001\/1002 .* data\/owned$/m);
  assert.match(list, /^hrw-r--r-- 0\/0 .* data\/new link to data\/hard$/m);
  assert.doesNotMatch(list, /hidden|data\/tree/);
  await tspod.ok(
    'run',
    '-d',
    '--name',
    'up',
    '--network',
    'none',
    '-v',
    'v:/vol',
    'base:1',
    'sh',
    '-c',
    'touch /vol/inside; sleep 1000',
  );
  const child = tspod.start('export', 'up');
  const names = execFileSync('tar', ['-t'], {
    input: Buffer.concat((await child.stdout.toArray()) as Buffer[]),
  }).toString();
  assert.match(names, /^vol\/$/m);
  assert.doesNotMatch(names, /inside|^proc\/./m);
  const { stderr, exitCode } = await tspod('export', '--output', '/no/such/file', 'c');
  assert.match(stderr, /cannot write the archive to "\/no\/such\/file": its directory does not exist/);
  assert.equal(exitCode, 125);
  assert.match((await tspod('export', '--output', 'a:b', 'c')).stderr, /should not contain ":"/);
});
