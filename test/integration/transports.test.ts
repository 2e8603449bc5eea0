/** `pull`, `run` and `create` of images in archives and directories: containers-transports(5). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxImage, writeOciArchive, writeOciLayout } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

const skip = missing('subuid', 'busybox', 'program:skopeo');

test('pull takes the image of an archive or a directory, and calls it what that does', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { folder } = tspod;
  writeOciLayout(join(folder, 'layout'), busyboxImage(), 'v1');
  writeOciArchive(join(folder, 'oci.tar'), busyboxImage(), 'localhost/app:2');
  const copy = (to: string) =>
    execFileSync('skopeo', ['--insecure-policy', 'copy', '--quiet', 'oci:layout:v1', to], { cwd: folder });
  copy('docker-archive:docker.tar:quay.io/some/app:3');
  copy('dir:directory');
  for (const [source, name] of [
    ['docker-archive:docker.tar', 'quay.io/some/app:3'],
    ['docker-archive:docker.tar:quay.io/some/app:3', 'quay.io/some/app:3'],
    ['docker-archive:docker.tar:@0', 'quay.io/some/app:3'],
    ['oci-archive:oci.tar', 'localhost/app:2'],
    ['oci-archive:oci.tar:localhost/app:2', 'localhost/app:2'],
    ['oci:layout', 'localhost/layout:latest'],
    ['oci:layout:v1', 'localhost/layout:latest'],
    [`dir:${folder}/directory`, '<none>:<none>'],
  ] as const) {
    const id = await tspod.ok('pull', '--quiet', source);
    const images = await tspod.ok('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
    assert.ok(images.split('\n').includes(`${name} sha256:${id}`), `${source}: ${images}`);
    await tspod.ok('rmi', id);
  }
});

test('run and create take an image from where they are told', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  writeOciLayout(join(tspod.folder, 'layout'), busyboxImage(), 'v1');
  writeOciArchive(join(tspod.folder, 'oci.tar'), busyboxImage(), 'localhost/app:2');
  const run = ['run', '--rm', '--network', 'none'];
  assert.equal(await tspod.ok(...run, 'oci-archive:oci.tar', 'echo', 'hi'), 'hi');
  await tspod.ok('create', '--name', 'c', 'oci:layout', 'true');
  assert.match(await tspod.ok('ps', '--all', '--format', '{{.Image}}'), /^localhost\/layout:latest$/);
});

test('what a transport does not find or read is said in a sentence', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  writeOciLayout(join(tspod.folder, 'layout'), busyboxImage(), 'v1');
  writeOciArchive(join(tspod.folder, 'oci.tar'), busyboxImage(), 'localhost/app:2');
  for (const [source, message] of [
    ['docker-archive:absent.tar', /no file "absent.tar"/],
    ['oci:absent', /no file "absent"/],
    ['dir:', /names no directory/],
    ['docker-archive::x', /names no file/],
    ['docker-archive:oci.tar', /"oci.tar" is not what docker-archive reads: it has no manifest.json/],
    ['oci-archive:layout', /"layout" is a directory, which oci-archive is not/],
    ['oci:oci.tar', /"oci.tar" is a file, which oci is not/],
    ['oci:layout:v2', /"layout" has no image "v2"\n {2}It has: localhost\/v1:latest/],
    ['oci-archive:oci.tar:localhost/app:3', /"oci.tar" has no image "localhost\/app:3"/],
  ] as const) {
    const { exitCode, stderr, stdout } = await tspod('pull', source);
    assert.equal(exitCode, 125, source);
    assert.equal(stdout, '');
    assert.match(stderr, message, source);
    assert.match(stderr, /\n {2}\S/, `${source}: a way out`);
  }
  assert.match((await tspod('pull', '--all-tags', 'oci:layout')).stderr, /is not on a registry/);
  assert.equal(await tspod.ok('images', '--format', '{{.Repository}}'), 'localhost/tspod/hello');
});
