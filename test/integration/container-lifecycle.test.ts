import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];

test('create, start, stop, start, restart, rm: the status follows', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const status = () => tspod.ok('inspect', '--format', '{{.State.Status}}', 'c');
  await tspod.ok('create', '--name', 'c', '--network', 'none', '--stop-timeout', '0', 'busybox', 'sleep', '1000');
  assert.equal(await status(), 'created');
  assert.equal(await tspod.ok('start', 'c'), 'c');
  assert.equal(await status(), 'running');
  assert.equal(await tspod.ok('stop', 'c'), 'c');
  assert.equal(await status(), 'exited');
  await tspod.ok('start', 'c');
  const first = await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c');
  await tspod.ok('restart', 'c');
  assert.notEqual(await tspod.ok('inspect', '--format', '{{.State.Pid}}', 'c'), first);
  assert.equal(await status(), 'running');
  assert.equal((await tspod('rm', 'c')).exitCode, 2, 'a running container is not removed without --force');
  await tspod.ok('rm', '--force', '--time', '0', 'c');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test('a container is found by its name, its id, and a part of its id that is unique', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', '--name', 'c', 'busybox');
  for (const name of ['c', id, id.slice(0, 12), id.slice(0, 4)]) {
    assert.equal(await tspod.ok('inspect', '--format', '{{.Id}}', name), id);
  }
});

test('run --cidfile writes the id, and refuses a file that exists', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const file = join(tspod.folder, 'cid');
  const id = await tspod.ok(...detached, '--cidfile', file, 'busybox', 'true');
  assert.equal(readFileSync(file, 'utf8').trim(), id);
  const { exitCode, stderr } = await tspod(...detached, '--cidfile', file, 'busybox', 'true');
  assert.equal(exitCode, 125);
  assert.match(stderr, /cid"/);
});

test('inspect has the form of Podman', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok(
    'create',
    '--name',
    'c',
    '--env',
    'A=b',
    '--label',
    'k=v',
    '--workdir',
    '/tmp',
    '--annotation',
    'note=x',
    'busybox',
    'sleep',
    '1',
  );
  const [container] = JSON.parse(await tspod.ok('inspect', 'c')) as Record<string, never>[];
  const { Id, Name, Path, Args, ImageName, Config } = container as unknown as {
    Id: string;
    Name: string;
    Path: string;
    Args: string[];
    ImageName: string;
    Config: { Env: string[]; Labels: Record<string, string>; WorkingDir: string; Annotations: Record<string, string> };
  };
  assert.deepEqual([Id, Name, Path, Args, ImageName], [id, 'c', 'sleep', ['1'], 'localhost/busybox:latest']);
  assert.ok(Config.Env.includes('A=b'));
  assert.deepEqual([Config.Labels, Config.WorkingDir], [{ k: 'v' }, '/tmp']);
  assert.equal(Config.Annotations['note'], 'x');
});
