/** Volumes with an owner: `o=uid=,gid=`, `--uid` and `--gid`. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { withSite } from '../support/volume-site.ts';

const run = ['run', '--rm', '--network', 'none'];

test('o=uid=,gid= gives a volume an owner for good', { skip: missing('subuid') }, async (t) => {
  const { tspod, create } = await withSite(t);
  const look = (...words: string[]) =>
    tspod.ok(...run, '-v', 'v:/site', ...words, 'stat', '-c', '%u:%g %a', '/site', '/site/index.html');
  await create('v', 'o=uid=1000,gid=5');
  const format = '{{.UID}} {{.GID}} {{.NeedsChown}} {{json .Options}}';
  assert.equal(
    await tspod.ok('volume', 'inspect', '--format', format, 'v'),
    '1000 5 false {"GID":"5","UID":"1000","o":"uid=1000,gid=5"}',
  );
  assert.equal(await look('localhost/site'), '1000:5 755\n0:0 644');
  assert.equal(await look('--user', '7', 'localhost/site'), '1000:5 755\n0:0 644');
});

test(
  '--uid and --gid give a volume an owner for good, and are no options of it',
  { skip: missing('subuid') },
  async (t) => {
    const { tspod, create, bind } = await withSite(t);
    const look = (name: string) =>
      tspod.ok(...run, '--user', '7', '-v', `${name}:/site`, 'localhost/site', 'stat', '-c', '%u:%g', '/site');
    const format = '{{.UID}} {{.GID}} {{.NeedsChown}} {{json .Options}}';
    await tspod.ok('volume', 'create', '--uid', '1000', '--gid', '5', 'both');
    assert.equal(await tspod.ok('volume', 'inspect', '--format', format, 'both'), '1000 5 false {}');
    assert.equal(await look('both'), '1000:5');
    await tspod.ok('volume', 'create', '-o', 'o=uid=3,gid=4', '--uid', '1000', 'one');
    assert.equal(await look('one'), '1000:4');
    await create('unowned');
    assert.notEqual(await look('unowned'), '1000:5');
    for (const options of [bind, ['type=tmpfs']]) {
      const words = options.flatMap((option) => ['-o', option]);
      const { exitCode, stderr } = await tspod('volume', 'create', ...words, '--uid', '5', 'v');
      assert.equal(exitCode, 125);
      assert.match(stderr, /^Error: --uid and --gid are for volumes with a directory of their own\n {2}Give /);
    }
  },
);

test(
  'a volume whose making was killed before it had its owner gets it with its first container',
  { skip: missing('subuid') },
  async (t) => {
    const { tspod, create } = await withSite(t);
    await create('v');
    const config = join(tspod.store, 'volumes/v/config.json');
    const text = readFileSync(config, 'utf8').replace(
      '"labels"',
      '"options": { "o": "uid=5", "UID": "5" },\n  "labels"',
    );
    writeFileSync(config, text);
    assert.equal(await tspod.ok(...run, '-u', '7', '-v', 'v:/v', 'busybox', 'stat', '-c', '%u:%g', '/v'), '5:0');
  },
);

test(
  "an owner that is not the caller's to give is refused, and no volume is made",
  { skip: missing('subuid') },
  async (t) => {
    const { tspod } = await withSite(t);
    const { exitCode, stderr } = await tspod('volume', 'create', '-o', 'o=uid=4000000000', 'v');
    assert.equal(exitCode, 125);
    assert.match(stderr, /cannot give a volume to the user 4000000000: the id is not mapped/);
    assert.deepEqual(readdirSync(join(tspod.store, 'volumes')), []);
  },
);
