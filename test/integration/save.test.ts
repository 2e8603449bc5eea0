/** `tspod save`: archives that tspod and other programs read. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxImage, peculiarImage, type TestImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { writeTar } from '../support/tar.ts';
import { openTerminal } from '../support/terminal.ts';
import { tspodWithBusybox, tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('subuid', 'busybox');
const needsSkopeo = missing('subuid', 'busybox', 'program:skopeo');

const OTHER: TestImage = { layers: [[{ path: 'other', content: 'x' }]] };

function idOf(tspod: Tspod, name: string): Promise<string> {
  return tspod.ok('image', 'inspect', '--format', '{{.Id}}', name);
}

/** What another program says of an archive: the name, the digest, the layers. */
function skopeo(reference: string): { Name?: string; Digest: string; Layers: string[] } {
  return JSON.parse(execFileSync('skopeo', ['inspect', reference], { encoding: 'utf8' })) as ReturnType<typeof skopeo>;
}

test('what save writes, load reads: the same image under the same name', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.load(peculiarImage(), 'localhost/peculiar:1');
  const id = await idOf(tspod, 'peculiar:1');
  for (const format of ['docker-archive', 'oci-archive', 'oci-dir']) {
    const shown = await tspod('save', '--format', format, '--output', format, 'peculiar:1');
    assert.equal(shown.exitCode, 0, shown.stderr);
    assert.equal(shown.stdout, '');
    assert.match(shown.stderr, /^(Copying blob sha256:[0-9a-f]{64}\n){3}Copying config sha256:[0-9a-f]{64}$/);
    await tspod.ok('rmi', 'peculiar:1');
    assert.equal(await tspod.ok('load', '--input', format), 'Loaded image: localhost/peculiar:1', format);
    assert.equal(await idOf(tspod, 'peculiar:1'), id, format);
    assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'peculiar:1', 'cat', 'opaque/new'), 'seen');
  }
});

test('save writes to standard output, several images too, and further names', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.load(OTHER, 'localhost/other:1');
  const save = async (...args: readonly string[]) => {
    const command = `"$0" save --quiet ${args.join(' ')} > out.tar`;
    execFileSync('sh', ['-c', command, tspod.program], { env: tspod.env, cwd: tspod.folder });
    await tspod.ok('rmi', '--all', '--force');
    return (await tspod.ok('load', '--quiet', '--input', 'out.tar')).split('\n').sort();
  };
  assert.deepEqual(await save('-m', 'busybox', 'other:1'), [
    'Loaded image: localhost/busybox:latest',
    'Loaded image: localhost/other:1',
  ]);
  assert.deepEqual(await save('busybox', 'quay.io/a/b', 'second:2'), [
    'Loaded image: localhost/busybox:latest',
    'Loaded image: localhost/second:2',
    'Loaded image: quay.io/a/b:latest',
  ]);
  const id = await idOf(tspod, 'busybox');
  assert.deepEqual(await save(id.slice(0, 12)), [`Loaded image: sha256:${id}`]);
});

test('other programs read every format, with the digest that the image has', { skip: needsSkopeo }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const digest = await tspod.ok('image', 'inspect', '--format', '{{.Digest}}', 'busybox');
  const path = (name: string) => join(tspod.folder, name);
  await tspod.ok('save', '-q', '-o', 'docker.tar', 'busybox');
  assert.equal(skopeo(`docker-archive:${path('docker.tar')}`).Layers.length, 1);
  await tspod.ok('save', '-q', '--format', 'oci-archive', '-o', 'oci.tar', 'busybox');
  assert.equal(skopeo(`oci-archive:${path('oci.tar')}`).Digest, digest);
  await tspod.ok('save', '-q', '--format', 'oci-dir', '-o', 'oci', 'busybox');
  assert.equal(skopeo(`oci:${path('oci')}`).Digest, digest);
  await tspod.ok('save', '-q', '--format', 'docker-dir', '-o', 'dir', 'busybox');
  assert.equal(skopeo(`dir:${path('dir')}`).Layers.length, 1);
  const id = await idOf(tspod, 'busybox');
  await tspod.ok('rmi', 'busybox');
  assert.equal(await tspod.ok('load', '-q', '-i', 'dir'), `Loaded image: sha256:${id}`);
});

test('layers that are not compressed become so where the format wants it', { skip: needsSkopeo }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  writeFileSync(join(tspod.folder, 'plain.tar'), writeTar([{ path: 'zeros', content: Buffer.alloc(1_000_000) }]));
  await tspod.ok('import', '--quiet', 'plain.tar', 'plain');
  const sizeOf = async (...args: readonly string[]) => {
    const output = join(tspod.folder, args.join(''));
    await tspod.ok('save', '-q', ...args, '-o', output, 'plain');
    const kind = args[1] === 'docker-dir' ? 'dir' : 'oci';
    const raw = execFileSync('skopeo', ['inspect', '--raw', `${kind}:${output}`], { encoding: 'utf8' });
    return (JSON.parse(raw) as { layers: { size: number }[] }).layers[0]?.size ?? 0;
  };
  assert.ok((await sizeOf('--format', 'oci-dir')) < 10_000);
  assert.ok((await sizeOf('--format', 'oci-dir', '--uncompressed')) > 1_000_000);
  assert.ok((await sizeOf('--format', 'docker-dir')) > 1_000_000);
  assert.ok((await sizeOf('--format', 'docker-dir', '--compress')) < 10_000);
});

test('save refuses what cannot be, and leaves no file', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  writeFileSync(join(tspod.folder, 'file'), '');
  const cases: [string[], RegExp][] = [
    [['-o', 'x', 'nobody'], /^Error: "nobody": image not known$/m],
    [['-m', '-o', 'x', 'busybox', 'nobody'], /^Error: "nobody": image not known$/m],
    [['-m', '--format', 'oci-archive', '-o', 'x', 'busybox', 'hello'], /unsupported format "oci-archive" for saving/],
    [['--format', 'oci-dir', 'busybox'], /the format "oci-dir" is a directory/],
    [['--format', 'docker-dir', '-o', 'file', 'busybox'], /"file" is a file, and the format "docker-dir" a directory/],
    [['-o', 'none/x', 'busybox'], /cannot write the archive to "none\/x": its directory does not exist/],
    [['--compress', '-o', 'x', 'busybox'], /--compress can only be set when --format is 'docker-dir'/],
    [['--format', 'zip', '-o', 'x', 'busybox'], /invalid argument "zip"/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, stderr } = await tspod('save', '--quiet', ...args);
    assert.match(stderr, message);
    assert.equal(exitCode, 125);
    assert.equal(existsSync(join(tspod.folder, 'x')), false);
  }
});

test('an image that is removed while it is saved is in the archive all the same', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const format of ['docker-archive', 'oci-archive']) {
    const child = tspod.start('save', '--quiet', '--format', format, 'busybox');
    await once(child.stdout, 'readable'); // No more than a pipe holds is read: it has not come to its end.
    await tspod.ok('rmi', 'busybox');
    const chunks = (await child.stdout.toArray()) as Buffer[];
    writeFileSync(join(tspod.folder, format), Buffer.concat(chunks));
    assert.match(await tspod.ok('load', '--quiet', '--input', format), /busybox:latest$/, format);
    assert.equal(await tspod.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', 'whole'), 'whole');
  }
});

test('save refuses to write to a terminal', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  const terminal = openTerminal(t, [tspod.program, 'save', 'busybox'], tspod.env);
  await terminal.shows(/refusing to save to terminal/);
  assert.equal(await terminal.exit, 125);
});

test('save and export write over what is no file of its own, and keep the mode of one that is', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', 'busybox');
  const file = join(tspod.folder, 'file');
  for (const words of [
    ['save', '--quiet', '-o'],
    ['export', '-o'],
  ]) {
    const target = words[0] === 'save' ? 'busybox' : 'c';
    const members = (output: string) =>
      execFileSync('sh', ['-c', '"$0" "$@" | tar -t', tspod.program, ...words, output, target], {
        env: tspod.env,
        encoding: 'utf8',
      }).trim();
    assert.match(members('/dev/stdout'), /\n/);
    assert.match(members('/proc/self/fd/1'), /\n/);
    writeFileSync(file, 'old');
    chmodSync(file, 0o600);
    symlinkSync('file', join(tspod.folder, 'link'));
    await tspod.ok(...words, 'link', target);
    assert.ok(statSync(file).size > 10_000);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(lstatSync(join(tspod.folder, 'link')).isSymbolicLink());
    chmodSync(file, 0o400);
    const { exitCode, stderr } = await tspod(...words, 'file', target);
    assert.match(stderr, /^Error: cannot write the archive to "file": you may not write there\n/);
    assert.equal(exitCode, 125);
    rmSync(file);
    rmSync(join(tspod.folder, 'link'));
  }
});
