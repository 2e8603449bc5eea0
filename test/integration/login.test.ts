/** `tspod login` and `tspod logout` against a real registry with a password. */
import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { missing } from '../support/missing.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { openTerminal } from '../support/terminal.ts';
import { tspodWithEmptyStore } from '../support/tspod.ts';

const skip = missing('registry');
/** bcrypt of "secret" */
const line = 'alice:$2b$04$RkJMiGTmTwW9m8rZR4JOueKizBFaL3XVfnMBekeE5u56ezm2RccC6';

let registry: Registry;

before(async () => {
  if (!skip) registry = await startRegistry({ htpasswd: { line, user: 'alice', password: 'secret' } });
});

test('login keeps the right password, and logout forgets it', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const file = join(tspod.env['XDG_RUNTIME_DIR'] ?? '', 'containers/auth.json');
  await mkdir(join(file, '..'));
  await writeFile(file, '{"auths":{"other.io":{"auth":"eDp5"}},"strange":1}');

  const wrong = await tspod('login', '-u', 'alice', '-p', 'wrong', registry.host);
  assert.equal(wrong.exitCode, 125);
  assert.match(wrong.stderr, /^Error: the registry "localhost:[0-9]+" refuses the credentials of "alice"$/m);

  const right = await tspod.withInput('secret\n', 'login', '-u', 'alice', '--password-stdin', registry.host);
  assert.equal(right.stdout, 'Login Succeeded!', right.stderr);
  assert.equal(await tspod.ok('login', '--get-login', registry.host), 'alice');
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
    auths: { 'other.io': { auth: 'eDp5' }, [registry.host]: { auth: 'YWxpY2U6c2VjcmV0' } },
    strange: 1,
  });
  assert.equal((await stat(file)).mode & 0o777, 0o600);

  assert.equal(await tspod.ok('logout', registry.host), `Removed login credentials for ${registry.host}`);
  const { exitCode, stderr } = await tspod('login', '--get-login', registry.host);
  assert.equal(exitCode, 125);
  assert.match(stderr, /^Error: not logged into "(localhost:[0-9]+)"\n {2}try: tspod login \1$/);
  assert.equal(await tspod.ok('login', '--get-login', 'other.io'), 'x');
});

test('login makes do with the credentials that it has, and asks where they are refused', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('login', '-u', 'alice', '-p', 'secret', registry.host);
  for (const key of [registry.host, `${registry.host}/team`]) {
    const again = `Authenticating with existing credentials for ${key}\nExisting credentials are valid. Already logged in to ${key}`;
    assert.equal(await tspod.ok('login', key), again);
  }
  const file = join(tspod.env['XDG_RUNTIME_DIR'] ?? '', 'containers/auth.json');
  const save = (auth: string) =>
    writeFile(file, JSON.stringify({ auths: { [registry.host]: { auth: Buffer.from(auth).toString('base64') } } }));
  await save('alice:old');
  const bare = await tspod('login', registry.host);
  assert.match(bare.stdout, /^Existing credentials are invalid, please enter valid username and password$/m);
  assert.match(bare.stderr, /^Error: there is no terminal to ask on$/m);
  assert.equal(bare.exitCode, 125);
  const terminal = openTerminal(t, [tspod.program, 'login', registry.host], tspod.env);
  await terminal.shows(/Existing credentials are invalid[^]*Username \(alice\): /);
  terminal.type('\r');
  await terminal.shows(/Password: /);
  terminal.type('secret\r');
  await terminal.shows(/Login Succeeded!/);
  assert.equal(await terminal.exit, 0);
  assert.match(await tspod.ok('login', registry.host), /^Existing credentials are valid/m);
  await save('malformed');
  const malformed = await tspod('login', registry.host);
  assert.match(malformed.stderr, /are malformed\n {2}Write them anew: tspod login --username USER localhost:[0-9]+$/m);
  await tspod.ok('login', '-u', 'alice', '-p', 'secret', registry.host);
});

test('logins and logouts at once lose no entry of another', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const file = join(tspod.env['XDG_RUNTIME_DIR'] ?? '', 'containers/auth.json');
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${registry.host}/${name}`);
  const login = (key: string) => tspod.ok('login', '-u', 'alice', '-p', 'secret', key);
  const saved = async () => Object.keys((JSON.parse(await readFile(file, 'utf8')) as { auths: object }).auths).sort();
  for (let round = 0; round < 3; round++) {
    await Promise.all(keys.map(login));
    assert.deepEqual(await saved(), keys);
    await Promise.all(keys.map((key) => tspod.ok('logout', key)));
    assert.deepEqual(await saved(), []);
  }
});

test('login without a terminal says how to give the password', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { exitCode, stderr } = await tspod('login', registry.host);
  assert.equal(exitCode, 125);
  assert.match(stderr, /there is no terminal to ask on\n {2}Use --username and --password-stdin\./);
});
