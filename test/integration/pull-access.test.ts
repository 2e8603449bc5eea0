/** `tspod pull` from registries that want a password, or have a certificate of their own. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificates } from '../support/certificates.ts';
import { smallImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry } from '../support/registry.ts';
import { openTerminal } from '../support/terminal.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

const skip = missing('registry', 'subuid');
/** Password "secret". */
const HTPASSWD = {
  line: 'alice:$2b$04$RkJMiGTmTwW9m8rZR4JOueKizBFaL3XVfnMBekeE5u56ezm2RccC6',
  user: 'alice',
  password: 'secret',
};
const ID = /^[0-9a-f]{64}$/;

test('a registry with a password lets in who knows it', { skip }, async (t) => {
  const closed = await startRegistry({ htpasswd: HTPASSWD });
  t.after(() => closed.stop());
  const name = await closed.push(smallImage(), 'private/app:1');
  const tspod = await tspodWithEmptyStore(t);

  const stranger = await tspod('pull', name);
  assert.equal(stranger.exitCode, 125);
  assert.match(stranger.stderr, /does not show "localhost:.*\/private\/app:1" without a login, or has no such image/);
  const wrong = await tspod('pull', '--creds', 'alice:wrong', name);
  assert.equal(wrong.exitCode, 125);
  assert.match(wrong.stderr, /refuses the credentials of "alice"\n {2}.*tspod login localhost:/);
  assert.match(await tspod.ok('pull', '--quiet', '--creds', 'alice:secret', name), ID);

  const auths = { [`${closed.host}/private`]: { auth: Buffer.from('alice:secret').toString('base64') } };
  const authFile = join(tspod.folder, 'auth.json');
  await writeFile(authFile, JSON.stringify({ auths }));
  assert.match(await tspod.ok('pull', '--quiet', '--authfile', authFile, name), ID);
  await mkdir(join(tspod.env['XDG_RUNTIME_DIR'] ?? '', 'containers'));
  await cp(authFile, join(tspod.env['XDG_RUNTIME_DIR'] ?? '', 'containers/auth.json'));
  assert.match(await tspod.ok('pull', '--quiet', name), ID);
});

test('--creds asks on the terminal for what it leaves out, and says so where there is none', { skip }, async (t) => {
  const closed = await startRegistry({ htpasswd: HTPASSWD });
  t.after(() => closed.stop());
  const name = await closed.push(smallImage(), 'private/app:1');
  const tspod = await tspodWithEmptyStore(t);
  for (const [creds, question, answer] of [
    ['alice', /Password: /, 'secret'],
    ['alice:', /Password: /, 'secret'],
    [':secret', /Username: /, 'alice'],
  ] as const) {
    const terminal = openTerminal(t, [tspod.program, 'pull', '--quiet', '--creds', creds, name], tspod.env);
    await terminal.shows(question);
    terminal.type(`${answer}\r`);
    const shown = await terminal.shows(/[^]*[0-9a-f]{64}/);
    assert.doesNotMatch(shown, /secret/);
    assert.equal(await terminal.exit, 0);
    await tspod.ok('rmi', name);
  }
  assert.match((await tspod('pull', '--creds', '', name)).stderr, /without a login/);
  for (const words of [
    ['pull', '--creds', 'alice', name],
    ['push', '--creds', 'alice:', 'busybox', name],
    ['search', '--creds', 'alice', `${closed.host}/app`],
    ['create', '--creds', ':secret', name],
    ['run', '--creds', 'alice', name],
  ]) {
    const { stdout, stderr, exitCode } = await tspod(...words);
    const sentence = 'Error: there is no terminal to ask on\n  Give both: --creds USER:PASSWORD';
    assert.deepEqual([stdout, stderr, exitCode], ['', sentence, 125], words.join(' '));
  }
});

test('credentials come from each of the files of Podman and Docker', { skip }, async (t) => {
  const closed = await startRegistry({ htpasswd: HTPASSWD });
  t.after(() => closed.stop());
  const name = await closed.push(smallImage(), 'private/app:1');
  const tspod = await tspodWithEmptyStore(t);
  const auths = { [closed.host]: { auth: Buffer.from('alice:secret').toString('base64') } };
  const { HOME = '', XDG_CONFIG_HOME = '', XDG_RUNTIME_DIR = '' } = tspod.env;
  const docker = join(HOME, '.docker/config.json');
  for (const file of [
    join(XDG_RUNTIME_DIR, 'containers/auth.json'),
    join(XDG_CONFIG_HOME, 'containers/auth.json'),
    docker,
  ]) {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, JSON.stringify({ auths }));
    assert.match(await tspod.ok('pull', '--quiet', name), ID, file);
    await rm(file);
    assert.equal((await tspod('pull', '--quiet', name)).exitCode, 125);
  }
  await writeFile(docker, JSON.stringify({ credsStore: 'tspod-absent' }));
  assert.match((await tspod('pull', name)).stderr, /helper "docker-credential-tspod-absent" is not installed/);
  await writeFile(docker, '{');
  assert.match(
    (await tspod('pull', name)).stderr,
    /config\.json" is malformed: it is not JSON\n {2}Repair or remove it/,
  );
});

test('a credential helper is asked for the registry', { skip }, async (t) => {
  const closed = await startRegistry({ htpasswd: HTPASSWD });
  t.after(() => closed.stop());
  const name = await closed.push(smallImage(), 'private/app:1');
  const helpers = await mkdtemp(join(tmpdir(), 'tspod-helpers-'));
  t.after(() => rm(helpers, { recursive: true }));
  const script = `#!/bin/sh\nread host\n[ "$1 $host" = "get ${closed.host}" ] && echo '{"Username":"alice","Secret":"secret"}'\n`;
  await writeFile(join(helpers, 'docker-credential-test'), script, { mode: 0o755 });
  const tspod = await tspodWithEmptyStore(t, { env: { PATH: `${helpers}:${process.env['PATH'] ?? ''}` } });
  const docker = join(tspod.env['HOME'] ?? '', '.docker/config.json');
  await mkdir(join(docker, '..'));
  for (const settings of [{ credHelpers: { [closed.host]: 'test' } }, { credsStore: 'test' }]) {
    await writeFile(docker, JSON.stringify(settings));
    assert.match(await tspod.ok('pull', '--quiet', name), ID);
  }
});

test('a certificate must be known, or told to be accepted', { skip: skip || missing('program:openssl') }, async (t) => {
  const certificates = await makeCertificates();
  t.after(() => rm(certificates.folder, { recursive: true }));
  const secure = await startRegistry({ tls: certificates });
  t.after(() => secure.stop());
  const name = await secure.push(smallImage(), 'app:1');
  const tspod = await tspodWithEmptyStore(t);

  const unknown = await tspod('pull', name);
  assert.equal(unknown.exitCode, 125);
  assert.match(
    unknown.stderr,
    /^Error: the registry "localhost:[0-9]+" cannot be trusted: .*\n {2}Put .*\/containers\/certs\.d\/localhost:[0-9]+\/ca\.crt, .*--tls-verify=false$/m,
  );
  assert.match(await tspod.ok('pull', '--quiet', '--tls-verify=false', name), ID);
  const folder = join(tspod.env['XDG_CONFIG_HOME'] ?? '', 'containers/certs.d', secure.host);
  await mkdir(folder, { recursive: true });
  await cp(certificates.authority, join(folder, 'ca.crt'));
  assert.match(await tspod.ok('pull', '--quiet', name), ID);
});
