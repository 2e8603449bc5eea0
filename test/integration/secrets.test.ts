import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

test('secrets are kept, listed, shown without their content, replaced and removed', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const made = await tspod.withInput('hush', 'secret', 'create', '--label', 'tier=db', 'password', '-');
  assert.match(made.stdout, /^[0-9a-f]{25}$/);
  assert.equal(await tspod.ok('secret', 'ls', '--format', '{{.Name}} {{.Driver}}'), 'password file');
  const shown = await tspod.ok('secret', 'inspect', made.stdout.slice(0, 6));
  assert.match(shown, /"Name": "password"[^]*"tier": "db"/);
  assert.doesNotMatch(shown, /hush|aHVzaA/);
  assert.equal(await tspod.ok('secret', 'inspect', '--showsecret', '--format', '{{.SecretData}}', 'password'), 'hush');
  assert.equal(statSync(join(tspod.store, 'secrets')).mode & 0o777, 0o700);
  assert.equal(statSync(join(tspod.store, 'secrets/password.json')).mode & 0o777, 0o600);

  assert.match((await tspod.withInput('x', 'secret', 'create', 'password', '-')).stderr, /already in use/);
  assert.equal((await tspod.withInput('x', 'secret', 'create', '--ignore', 'password', '-')).stdout, made.stdout);
  assert.notEqual((await tspod.withInput('x', 'secret', 'create', '--replace', 'password', '-')).stdout, made.stdout);
  assert.equal((await tspod('secret', 'exists', 'password')).exitCode, 0);
  assert.match(await tspod.ok('secret', 'rm', '--all'), /^[0-9a-f]{25}$/);
  assert.equal((await tspod('secret', 'exists', 'password')).exitCode, 1);
});

test('what a secret create that was killed has written goes with the next command that changes secrets', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.withInput('x', 'secret', 'create', 'other', '-');
  const secrets = join(tspod.store, 'secrets');
  for (const [input, words, exitCode] of [
    ['', ['rm', 'password'], 125],
    ['hush', ['create', 'password', '-'], 0],
    ['', ['rm', 'password'], 0],
    ['', ['rm', '--all'], 0],
    ['', ['rm', '--all'], 0],
  ] as const) {
    writeFileSync(join(secrets, 'password.json.0123456789abcdef.tmp'), '{"content":"aHVzaA=="');
    assert.equal((await tspod.withInput(input, 'secret', ...words)).exitCode, exitCode);
    assert.deepEqual(
      readdirSync(secrets).filter((name) => name.endsWith('.tmp')),
      [],
      words.join(' '),
    );
  }
});

test('what is wrong with a secret is said', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  for (const [input, words, message] of [
    ['', ['create', 'a', '-'], /the secret "a" would have 0 bytes/],
    ['x'.repeat(512_000), ['create', 'a', '-'], /would have 512000 bytes/],
    ['x', ['create', 'a/b', '-'], /"a\/b" is not a name for a secret/],
    ['', ['create', 'a', '/no/such'], /cannot read "\/no\/such" for a secret/],
    ['', ['create', '--env', 'a', 'TSPOD_NO_SUCH'], /no environment variable "TSPOD_NO_SUCH"/],
    ['x', ['create', '--driver', 'pass', 'a', '-'], /"pass" is not a driver/],
    ['', ['rm', 'nobody'], /no secret with name or id "nobody"/],
    ['', ['rm'], /secrets are named, or --all/],
  ] as const) {
    const result = await tspod.withInput(input, 'secret', ...words);
    assert.match(result.stderr, message);
    assert.equal(result.exitCode, 125, words.join(' '));
  }
});

test('a container has its secrets as files and variables, also after they are gone, and nobody else sees them', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.withInput('hush\0\n', 'secret', 'create', 'key', '-');
  await tspod.withInput('word', 'secret', 'create', 'pass', '-');
  await tspod.ok(
    ...['run', '-d', '--name', 'c', '--network', 'none', '--read-only', '--secret', 'key,target=sub/key,mode=0400'],
    ...['--secret', 'pass,target=/etc/pass', '--secret', 'pass,type=env,target=PASS', 'busybox', 'sleep', '1000'],
  );
  await tspod.ok('secret', 'rm', '--all');
  const look =
    'stat -c "%a %u:%g %s" /run/secrets/sub/key; tr "\\0" 0 < /run/secrets/sub/key; cat /etc/pass; echo " $PASS"';
  assert.equal(await tspod.ok('exec', 'c', 'sh', '-c', look), '400 0:0 6\nhush0\nword word');
  await tspod.ok('restart', '--time', '0', 'c');
  assert.equal(
    await tspod.ok(
      'exec',
      'c',
      'sh',
      '-c',
      'cat /run/secrets/sub/key | wc -c; tr "\\0" "\\n" < /proc/1/environ | grep PASS',
    ),
    '6\nPASS=word',
  );
  assert.doesNotMatch(await tspod.ok('inspect', 'c'), /hush|word/);
  await tspod.ok('container', 'clone', '--name', 'd', 'c');
  await tspod.ok('start', 'd');
  assert.equal(await tspod.ok('exec', 'd', 'cat', '/etc/pass'), 'word');
  const none = await tspod('run', '--rm', '--network', 'none', '--secret', 'gone', 'busybox', 'true');
  assert.match(none.stderr, /no secret with name or id "gone"/);
  assert.equal(none.exitCode, 125);
});

test('a secret belongs to whom the container wants, in any user namespace', { skip: missing('subuid') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.withInput('hush', 'secret', 'create', 'key', '-');
  for (const userns of ['host', 'keep-id', 'auto']) {
    const words = ['--userns', userns, '--secret', 'key', '--secret', 'key,target=own,uid=7,gid=8', 'busybox'];
    const files = await tspod.ok(
      'run',
      '--rm',
      '--network',
      'none',
      ...words,
      'stat',
      '-c',
      '%u:%g',
      '/run/secrets/key',
      '/run/secrets/own',
    );
    assert.equal(files, '0:0\n7:8', userns);
  }
});
