/** What scripts that were written for Podman rely on. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

test('--replace removes the container of that name, running or not, once the new one can be made', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const first = await tspod.ok('run', '-d', '--network', 'none', '--name', 'web', 'busybox', 'sleep', '1000');
  const failed = await tspod('run', '--replace', '--name', 'web', '-v', '/no/such:/x', 'busybox', 'true');
  assert.equal(failed.exitCode, 125);
  assert.equal(await tspod.ok('ps', '--quiet', '--no-trunc'), first);
  const second = ['run', '--replace', '--network', 'none', '--name', 'web', 'busybox', 'echo', 'second'];
  assert.equal(await tspod.ok(...second), 'second');
  await tspod.ok('create', '--replace', '--name', 'web', 'busybox', 'echo', 'third');
  assert.equal(await tspod.ok('start', '--attach', 'web'), 'third');
  assert.equal(await tspod.ok('ps', '--all', '--format', '{{.Names}}'), 'web');
  const unnamed = await tspod('run', '--replace', 'busybox', 'true');
  assert.deepEqual([unnamed.exitCode, unnamed.stdout], [125, '']);
  assert.match(unnamed.stderr, /cannot replace container without --name being set/);
});

test(
  'a user of the container starts in a directory that is for the caller alone',
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const work = join(tspod.folder, 'work');
    mkdirSync(work);
    chmodSync(work, 0o700);
    const words = ['-v', `${work}:/work`, '--workdir', '/work', '--user', '1234', '--network', 'none'];
    assert.equal(await tspod.ok('run', '--rm', ...words, 'busybox', 'pwd'), '/work');
    await tspod.ok('run', '-d', '--name', 'c', ...words, 'busybox', 'sleep', '1000');
    assert.equal(await tspod.ok('exec', '--workdir', '/root', 'c', 'pwd'), '/root');
    assert.equal((await tspod('exec', '--workdir', '/no/such', 'c', 'pwd')).exitCode, 127);
    assert.equal((await tspod('run', '--rm', '--workdir', '/no/such', 'busybox', 'pwd')).exitCode, 126);
  },
);

test('/etc/mtab is there for programs that look for it, and no change of the container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const seen = await tspod.ok('run', '--network', 'none', '--name', 'c', 'busybox', 'readlink', '/etc/mtab');
  assert.equal(seen, '/proc/mounts');
  assert.equal(await tspod.ok('diff', 'c'), 'C /etc');
});

test('flags that Podman has no longer, or takes for the sake of Docker, are taken', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', '--override-arch', process.arch === 'x64' ? 'amd64' : process.arch, 'busybox');
  assert.equal(await tspod.ok('ps', '--all', '--quiet', '--notruncate'), id);
  assert.equal(
    await tspod.ok('--config', '/no/such', '--network-config-dir=/x', 'ps', '--all', '--quiet'),
    id.slice(0, 12),
  );
  const { stderr, exitCode } = await tspod('-D', 'rm', '--time', '1', 'other');
  assert.equal(exitCode, 125);
  assert.match(stderr, /^ {4}at /m); // Where it arose: what debugging adds.
});

test('options of Podman that mean nothing here are taken', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const policy = join(tspod.folder, 'policy.json');
  writeFileSync(policy, '{"default": [{"type": "insecureAcceptAnything"}]}');
  const container = ['--name', 'c', '--kernel-memory', '4m', '--signature-policy', policy];
  await tspod.ok('--remote=false', '--log-level=WARN', '--ssh=native', 'create', ...container, 'busybox');
  assert.equal(await tspod.ok('ps', '--all', '--storage', '--format', '{{.Names}}'), 'c');
  await tspod.ok('rm', '--storage', 'c');
  await tspod.ok('push', '--quiet', '--remove-signatures', 'busybox', `oci:${join(tspod.folder, 'layout')}`);
});

const UNHEARD: readonly (readonly [words: readonly string[], sentence: RegExp])[] = [
  [['--remote', 'ps'], /--remote is no use here: there is no daemon[^]*ssh HOST tspod ps/],
  [['--url', 'unix:///x', 'ps'], /"unix:\/\/\/x"[^]*there is no daemon[^]*ssh HOST tspod ps/],
  [['--log-level', 'loud', 'ps'], /"loud" for "--log-level" flag: it is not a level[^]*trace, debug, info, warn/],
  [['push', '--sign-by', 'me', 'busybox', 'dir:/nosuch'], /tspod makes no signatures[^]*skopeo copy --sign-by/],
  [['container', 'clone', '--pod', 'p', 'c'], /it is for pods, which tspod has not/],
];

test('options that ask for what tspod has not are refused with what serves instead', async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const [words, sentence] of UNHEARD) {
    const { exitCode, stdout, stderr } = await tspod(...words);
    assert.deepEqual([exitCode, stdout], [125, ''], words.join(' '));
    assert.match(stderr, sentence);
  }
});

test('a policy that asks for signatures is not passed over in silence', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const policy = join(tspod.folder, 'policy.json');
  const load = () => tspod('load', '--signature-policy', policy, '--input', '/nosuch.tar');
  assert.match((await load()).stderr, /for "--signature-policy" flag: it is no policy that can be read: no such file/);
  writeFileSync(policy, '{"default": [{"type": "reject"}]}');
  const { exitCode, stderr } = await load();
  assert.equal(exitCode, 125);
  assert.match(stderr, /asks for signatures or rejects images[^]*skopeo --policy FILE copy/);
});

test('info names the log driver of the settings', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const driver = ['info', '--format', '{{.Host.LogDriver}}'];
  assert.equal(await tspod.ok(...driver), 'k8s-file');
  const folder = join(tspod.env['XDG_CONFIG_HOME'] ?? '', 'tspod');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), '{ "log-driver": "json-file" }');
  assert.equal(await tspod.ok(...driver), 'json-file');
});

test('inspect finds volumes, too', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('volume', 'create', 'data');
  assert.equal(await tspod.ok('inspect', '--format', '{{.Name}} {{.Driver}}', 'data'), 'data local');
  assert.equal(await tspod.ok('inspect', '--type', 'volume', '--format', '{{.Name}}', 'data'), 'data');
  const { stderr, exitCode } = await tspod('inspect', 'other');
  assert.equal(exitCode, 125);
  assert.match(stderr, /no such object: "other" is neither a container nor an image nor a volume/);
});

test('templates of inspect find what Podman leaves out of its JSON, and the methods of times', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', 'busybox', 'true');
  const show = (format: string, ...names: string[]) => tspod.ok('inspect', '--format', format, ...names);
  assert.equal(await show('{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', 'c'), '');
  assert.equal(await show('{{.Config.Healthcheck}} {{.SizeRw}} {{.State.Restored}}', 'c'), '<nil> <nil> false');
  assert.equal(await show('{{.State.StartedAt.Unix}} {{.State.StartedAt.IsZero}}', 'c'), '-62135596800 true');
  const created = new Date((await show('{{json .Created}}', 'c').then(JSON.parse)) as string);
  assert.equal(await show('{{.Created.Format "2006-01-02T15:04:05.000Z07:00"}}', 'c'), created.toISOString());
  assert.equal(await show('{{.HealthCheck}} {{.Config.Healthcheck}}', 'busybox'), '<nil> <nil>');
  await tspod.ok('volume', 'create', 'data');
  assert.equal(await show('{{.UID}} {{.Anonymous}} {{.Status}}', 'data'), '0 false map[]');
});

test('unshare ends as a shell does where there is no such program', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const missingProgram = await tspod('unshare', 'no-such-program');
  assert.equal(missingProgram.exitCode, 127);
  assert.match(missingProgram.stderr, /^Error: the command "no-such-program" was not found\n/);
  assert.equal((await tspod('unshare', '/etc/passwd')).exitCode, 126);
});

test('templates of info have the names of the JSON in their JSON', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const host = JSON.parse(await tspod.ok('info', '--format', '{{json .Host}}')) as Record<string, unknown>;
  assert.equal(host['os'], 'linux');
  assert.equal(await tspod.ok('info', '--format', '{{.Host.OS}}'), 'linux');
});

test('what a system call says comes without the name of the call', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { stderr } = await tspod('kill', '--cidfile', '/no/such');
  assert.equal(
    stderr,
    'Error: cannot read the file "/no/such" with the id of a container: no such file or directory\n  try: ls -ld /no/such',
  );
});

test('a link named podman tells the version of the Podman that it does as', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const link = join(tspod.folder, 'podman');
  symlinkSync(tspod.program, link);
  const podman = (...words: string[]) => execFileSync(link, words, { env: tspod.env, encoding: 'utf8' }).trim();
  assert.equal(podman('--version'), 'podman version 4.3.1');
  assert.equal(podman('version', '--format', '{{.Client.Version}}'), '4.3.1');
  assert.equal(podman('info', '--format', '{{.Version.Version}}'), '4.3.1');
  assert.match(await tspod.ok('--version'), /^tspod version \d+[.]\d+[.]\d+$/);
  assert.doesNotMatch(await tspod.ok('version', '--format', '{{.Client.Version}}'), /^4/);
});
