/** What a killed command has left and nobody can remove, here because the subordinate ids cannot be used for now. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { finish, tspodWithBusybox, type Result, type Tspod } from '../support/tspod.ts';

const skip = missing('subuid');

/** Make a directory that holds files of a subordinate id. */
async function leave(tspod: Tspod, path: string): Promise<string> {
  const script = 'mkdir -p "$1/d" && touch "$1/d/f" && chown -R 5:5 "$1/d" && chmod 700 "$1/d"';
  await tspod.ok('unshare', 'sh', '-c', script, 'sh', path);
  return path;
}

/** Nothing is on its PATH, newuidmap neither: our own id is the only one that it can map. */
async function withoutIds(tspod: Tspod, ...args: readonly string[]): Promise<Result> {
  rmSync(join(tspod.runtime, 'facts.json'), { force: true });
  return await finish(spawn(tspod.program, args, { env: { ...tspod.env, PATH: '/nowhere' }, cwd: tspod.folder }));
}

function warning(...paths: readonly string[]): string {
  const lines = paths.map(
    (path) =>
      `Warning: a leftover stays: cannot remove "${path}": operation not permitted\n  See whether your subordinate ids are what they were: tspod doctor; an administrator can remove it: rm -rf ${path}`,
  );
  return lines.join('\n');
}

test('a leftover that cannot be removed is named, and stops no command', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const name of ['a', 'b']) await tspod.ok('create', '--name', name, '--network', 'none', 'busybox');
  for (const name of ['data', 'other']) await tspod.ok('volume', 'create', name);
  const container = await leave(tspod, join(tspod.store, 'containers', `.removing-${'a'.repeat(64)}`));
  const volume = await leave(tspod, join(tspod.store, 'volumes/.removing-0123456789abcdef'));
  for (const [words, stdout, stderr] of [
    [['ps', '-a', '--format', '{{.Names}}'], 'a\nb', warning(container)],
    [['stats', '--no-stream', '--format', '{{.Name}}'], '', warning(container)],
    [['rm', 'a'], 'a', warning(container)],
    [['rm', '--volumes', 'b'], 'b', warning(container, volume)],
    [['volume', 'rm', 'data'], 'data', warning(container, volume)],
    [['volume', 'prune', '--force'], 'other', warning(volume)],
  ] as const) {
    assert.deepEqual(await withoutIds(tspod, ...words), { stdout, stderr, exitCode: 0 }, words.join(' '));
  }
  assert.equal((await withoutIds(tspod, 'start', 'nobody')).exitCode, 125);
  assert.ok(existsSync(container));
  assert.deepEqual(await tspod('ps', '-aq'), { stdout: '', stderr: '', exitCode: 0 });
  assert.ok(!existsSync(container));
});

test('a layer that was left half made and cannot be removed stops no command for images', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  mkdirSync(join(tspod.store, 'staging/0123456789abcdef'));
  const layer = await leave(tspod, join(tspod.store, 'layers/.0123456789abcdef'));
  const pruned = await withoutIds(tspod, 'image', 'prune', '--force');
  assert.deepEqual(pruned, { stdout: '', stderr: warning(layer), exitCode: 0 });
  const archive = join(tspod.folder, 'busybox.tar');
  await tspod.ok('save', '--quiet', '--output', archive, 'busybox');
  await leave(tspod, layer);
  mkdirSync(join(tspod.store, 'staging/0123456789abcdef'), { recursive: true });
  const loaded = await withoutIds(tspod, 'load', '--quiet', '--input', archive);
  assert.deepEqual([loaded.stderr, loaded.exitCode], [warning(layer), 0]);
  const removed = await withoutIds(tspod, 'rmi', 'busybox');
  assert.match(removed.stdout, /^Untagged: localhost\/busybox:latest\nDeleted: [0-9a-f]{64}$/);
  assert.deepEqual([removed.stderr, removed.exitCode], [warning(layer), 0]);
  assert.deepEqual(await tspod('image', 'prune', '--force'), { stdout: '', stderr: '', exitCode: 0 });
  assert.ok(!existsSync(layer));
});

test(
  'what rm and prune cannot remove themselves is an error of theirs, and the others are removed',
  { skip },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const ids: string[] = [];
    for (const name of ['a', 'b']) ids.push(await tspod.ok('create', '--name', name, '--network', 'none', 'busybox'));
    for (const name of ['a', 'b']) await tspod.ok('volume', 'create', name);
    const stuck = join(tspod.store, 'containers', `.removing-${ids[0] ?? ''}`);
    await leave(tspod, join(tspod.store, 'containers', ids[0] ?? '', 'upper'));
    await leave(tspod, join(tspod.store, 'volumes/a/_data'));
    const removed = await withoutIds(tspod, 'rm', '--all');
    assert.deepEqual([removed.stdout, removed.exitCode], [ids[1], 125]);
    assert.equal(removed.stderr, warning(stuck).replace('Warning: a leftover stays', 'Error'));
    const pruned = await withoutIds(tspod, 'volume', 'prune', '--force');
    assert.deepEqual([pruned.stdout, pruned.exitCode], ['b', 125]);
    assert.match(pruned.stderr, /^Error: cannot remove "[^"]*\/volumes\/\.removing-[^"]*": operation not permitted\n/);
    assert.equal(await tspod.ok('volume', 'ls', '--quiet'), '');
  },
);

test('system reset says what it cannot remove, and removes everything else', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const name of ['a', 'b', 'c']) {
    await tspod.ok('volume', 'create', name);
    await tspod.ok('create', '--name', name, '--network', 'none', 'busybox');
  }
  const container = await leave(tspod, join(tspod.store, 'containers', `.removing-${'a'.repeat(64)}`));
  const volume = join(tspod.store, 'volumes/b');
  await leave(tspod, join(volume, '_data'));
  const { stdout, stderr, exitCode } = await withoutIds(tspod, 'system', 'reset', '--force');
  const said = warning(container, volume).replaceAll('Warning: a leftover stays', 'Error');
  assert.deepEqual({ stdout, stderr, exitCode }, { stdout: '', stderr: said, exitCode: 125 });
  assert.deepEqual(readdirSync(tspod.store).sort(), ['containers', 'volumes']);
  assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), ['b']);
  await tspod.ok('system', 'reset', '--force');
  assert.ok(!existsSync(tspod.store));
});
