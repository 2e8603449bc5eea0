import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

test('the built-in image runs without any pull and reports what the container sees', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const report = await tspod.ok('run', '--rm', '--network', 'none', '--hostname', 'box', 'localhost/tspod/hello');
  assert.match(report, /box/);
  assert.match(report, /pid\W+1\b/i);
  assert.match(report, /seccomp\W.*2|seccomp\W.*filter/i);
  assert.match(report, /\blo\b/);
});

test('the built-in image is among the images, and can be asked for', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  assert.equal((await tspod('image', 'exists', 'localhost/tspod/hello')).exitCode, 0);
  assert.match(await tspod.ok('images'), /^localhost\/tspod\/hello +latest /m);
});

test('the built-in image sees the memory limit', { skip: missing('cgroup:memory') }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const report = await tspod.ok('run', '--rm', '--network', 'none', '--memory', '64m', 'localhost/tspod/hello');
  assert.match(report, /67108864|64(\.0)? ?M/i);
});

test('the built-in image sees its network', { skip: missing('tun') }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  assert.match(await tspod.ok('run', '--rm', 'localhost/tspod/hello'), /tap0/);
});
