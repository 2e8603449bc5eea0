/** What images are made of, what they take, and how those that nothing uses are removed. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxImage, type TestImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox, tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('subuid', 'busybox');

const [BASE = []] = busyboxImage().layers;
/** busybox and two layers more. */
const DERIVED: TestImage = {
  ...busyboxImage({ Labels: { app: 'web' } }),
  layers: [BASE, [{ path: 'one', content: 'x' }], [{ path: 'two', content: Buffer.alloc(500_000) }]],
};

async function tspodWithBoth(t: Parameters<typeof tspodWithBusybox>[0]): Promise<Tspod> {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(DERIVED, 'localhost/derived:1');
  return tspod;
}

const squeezed = (text: string) => text.replaceAll(/ +/g, ' ').split('\n');

test("history prints Podman's table, the last step first", { skip }, async (t) => {
  const tspod = await tspodWithBoth(t);
  const id = await tspod.ok('image', 'inspect', '--format', '{{.Id}}', 'derived:1');
  const [heading, first, ...others] = squeezed(await tspod.ok('history', 'derived:1'));
  assert.equal(heading, 'ID CREATED CREATED BY SIZE COMMENT');
  assert.match(first ?? '', new RegExp(`^${id.slice(0, 12)} \\d+ \\w+ ago layer 2 50\\d kB `));
  assert.equal(others.length, 2);
  const base = await tspod.ok('image', 'inspect', '--format', '{{.Id}}', 'busybox');
  assert.match(others[1] ?? '', new RegExp(`^${base.slice(0, 12)} \\d+ \\w+ ago layer 0 [0-9.]+ MB$`));
  assert.equal(await tspod.ok('image', 'history', '--quiet', '--no-trunc', 'derived:1'), `${id}\n<missing>\n${base}`);
  assert.equal(await tspod.ok('history', '--format', '{{.CreatedBy}}', 'derived:1'), 'layer 2\nlayer 1\nlayer 0');
  assert.match(await tspod.ok('history', '--human=false', 'derived:1'), /2026-01-01T00:00:00Z/);
  const [step] = JSON.parse(await tspod.ok('history', '--format', 'json', 'derived:1')) as Record<string, unknown>[];
  assert.deepEqual(Object.keys(step ?? {}), ['id', 'created', 'CreatedBy', 'size', 'comment', 'Created']);
  assert.equal((await tspod('history', 'nobody')).exitCode, 125);
});

test('history names the image that another one was made from', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c1', 'busybox');
  await tspod.ok('commit', '--quiet', 'c1', 'cm:2');
  const [base, made] = await Promise.all(
    ['busybox', 'cm:2'].map((name) => tspod.ok('image', 'inspect', '--format', '{{.Id}}', name)),
  );
  assert.equal(await tspod.ok('history', '--quiet', '--no-trunc', 'cm:2'), `${made ?? ''}\n${base ?? ''}`);
  assert.equal(
    await tspod.ok('history', '--format', '{{.Tags}} {{.Comment}}', 'cm:2'),
    '[localhost/cm:2] FROM localhost/busybox:latest\n[localhost/busybox:latest]',
  );
  assert.equal(await tspod.ok('image', 'inspect', '--format', '{{.Parent}}', 'cm:2', 'busybox'), base);
  assert.equal(await tspod.ok('images', '--format', '{{.ParentId}}', 'cm'), base);
  const listed = JSON.parse(await tspod.ok('images', '--format', 'json')) as { Id: string; ParentId: string }[];
  assert.deepEqual(
    listed.filter(({ ParentId }) => ParentId !== '').map(({ Id, ParentId }) => [Id, ParentId]),
    [[made, base]],
  );
});

test('history counts steps without a layer as such, and cuts long commands', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const command = `RUN ${'very '.repeat(20)}long`;
  await tspod.load(
    {
      layers: [BASE],
      history: [{ created_by: 'ADD x' }, { created_by: command, empty_layer: true, comment: 'by hand' }],
    },
    'localhost/stepped:1',
  );
  const [, last, first] = squeezed(await tspod.ok('history', 'stepped:1'));
  assert.match(last ?? '', /ago RUN (?:very ){7}ver\.\.\. 0 B by hand$/);
  assert.match(first ?? '', /^<missing> .* ADD x 2[0-9.]+ MB/);
});

test('image tree shows layers, and what stands on an image', { skip }, async (t) => {
  const tspod = await tspodWithBoth(t);
  const lines = (await tspod.ok('image', 'tree', 'derived:1')).split('\n');
  assert.match(lines[0] ?? '', /^Image ID: [0-9a-f]{12}$/);
  assert.equal(lines[1], 'Tags:     [localhost/derived:1]');
  assert.match(lines[2] ?? '', /^Size: {5}2\.[0-9]+MB$/);
  assert.equal(lines[3], 'Image Layers');
  assert.match(lines[4] ?? '', /^├── ID: [0-9a-f]{12} Size: 2\.[0-9]+MB Top Layer of: \[localhost\/busybox:latest\]$/);
  assert.match(lines[5] ?? '', /^├── ID: [0-9a-f]{12} Size: 2\.048kB$/);
  assert.match(lines[6] ?? '', /^└── ID: [0-9a-f]{12} Size: 50[0-9.]+kB Top Layer of: \[localhost\/derived:1\]$/);
  const above = (await tspod.ok('image', 'tree', '--whatrequires', 'busybox')).split('\n').slice(4);
  assert.match(above[0] ?? '', /^└── ID: .* Top Layer of: \[localhost\/busybox:latest\]$/);
  assert.match(above[1] ?? '', /^ {4}└── ID: /);
  assert.match(above[2] ?? '', /^ {8}└── ID: .* Top Layer of: \[localhost\/derived:1\]$/);
});

test('image prune removes what has no name, and with --all what no container uses', { skip }, async (t) => {
  const tspod = await tspodWithBoth(t);
  const idOf = (name: string) => tspod.ok('image', 'inspect', '--format', '{{.Id}}', name);
  const derived = await idOf('derived:1');
  await tspod.ok('untag', 'derived:1');
  const refused = await tspod.withInput('n\n', 'image', 'prune');
  assert.equal(refused.exitCode, 0);
  assert.equal(refused.stdout, '');
  assert.match(refused.stderr, /WARNING! This command removes all dangling images\.\nAre you sure .* \[y\/N\]/);
  assert.equal(await tspod.ok('image', 'prune', '--force', '--filter', 'label=app=other'), '');
  assert.equal((await tspod.withInput('y\n', 'image', 'prune')).stdout, derived);
  const busybox = await idOf('busybox');
  await tspod.ok('create', '--name', 'user', '--network', 'none', 'busybox', 'true');
  await tspod.ok('image', 'prune', '--all', '--force');
  assert.equal((await tspod('image', 'exists', 'busybox')).exitCode, 0);
  await tspod.ok('rm', 'user');
  assert.equal(await tspod.ok('image', 'prune', '--all', '--force', '--filter', 'until=2020-01-01'), '');
  assert.equal(await tspod.ok('image', 'prune', '--all', '--force'), busybox);
});

test('image prune collects what nobody has a name for', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const blob = join(tspod.store, 'blobs/sha256', '0'.repeat(64));
  writeFileSync(blob, 'of a pull that was killed');
  await tspod.ok('image', 'prune', '--force');
  assert.equal(readdirSync(join(tspod.store, 'blobs/sha256')).includes('0'.repeat(64)), false);
});

test('system df counts what is there, and what nothing uses', { skip }, async (t) => {
  const tspod = await tspodWithBoth(t);
  await tspod.ok('rmi', 'localhost/tspod/hello');
  await tspod.ok(
    'run',
    '--name',
    'c',
    '--network',
    'none',
    '-v',
    'data:/data',
    'busybox',
    'dd',
    'if=/dev/zero',
    'of=/f',
    'bs=1M',
    'count=3',
  );
  const [heading, images, containers, volumes] = squeezed(await tspod.ok('system', 'df'));
  assert.equal(heading, 'TYPE TOTAL ACTIVE SIZE RECLAIMABLE');
  const [, whole, unused, share] = /^Images 2 1 (2\.[0-9]+)MB (50[0-9.]+)kB \(([0-9]+)%\)$/.exec(images ?? '') ?? [];
  assert.equal(Number(share), Math.round(Number(unused) / Number(whole) / 10), images);
  assert.match(containers ?? '', /^Containers 1 0 3\.1[0-9]*MB 3\.1[0-9]*MB \(100%\)$/);
  assert.match(volumes ?? '', /^Local Volumes 1 1 [0-9.]+k?B 0B \(0%\)$/);
  assert.equal(
    await tspod.ok('system', 'df', '--format', '{{.Type}}: {{.Total}}'),
    'Images: 2\nContainers: 1\nLocal Volumes: 1',
  );
  const [total] = JSON.parse(await tspod.ok('system', 'df', '--format', 'json')) as Record<string, unknown>[];
  assert.deepEqual([total?.['Type'], total?.['Total'], total?.['Active']], ['Images', 2, 1]);
  const all = squeezed(await tspod.ok('system', 'df', '--verbose')).join('\n');
  assert.match(all, /^REPOSITORY TAG IMAGE ID CREATED SIZE SHARED SIZE UNIQUE SIZE CONTAINERS$/m);
  assert.match(all, /^localhost\/busybox latest [0-9a-f]{12} \d+ \w+ (2\.[0-9]+MB) \1 0B 1$/m);
  assert.match(all, /^[0-9a-f]{12} [0-9a-f]{12} dd .* 1 3\.1[0-9]*MB .* exited c$/m);
  assert.match(all, /^data 1 [0-9.]+k?B$/m);
  assert.equal((await tspod('system', 'df', '-v', '--format', 'json')).exitCode, 125);
});
