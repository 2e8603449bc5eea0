import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { findCredentials, parseCredentials, primaryAuthFile } from '../../../src/registry/credentials.ts';

const auth = (user: string) => ({ auth: Buffer.from(`${user}:secret`).toString('base64') });

/** A home of its own with these files in it; the environment is put back afterwards. */
async function home(t: TestContext, files: Readonly<Record<string, unknown>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tspod-credentials-'));
  const saved = { ...process.env };
  t.after(async () => {
    process.env = saved;
    await rm(directory, { recursive: true });
  });
  delete process.env['REGISTRY_AUTH_FILE'];
  process.env['XDG_RUNTIME_DIR'] = join(directory, 'run');
  process.env['XDG_CONFIG_HOME'] = join(directory, 'config');
  process.env['DOCKER_CONFIG'] = join(directory, 'docker');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true });
    await writeFile(join(directory, name), JSON.stringify(content));
  }
  return directory;
}

async function userOf(name: string, authFile?: string): Promise<string | undefined> {
  const slash = name.indexOf('/');
  const found = await findCredentials({ registry: name.slice(0, slash), repository: name.slice(slash + 1), authFile });
  return found?.username;
}

test('the most specific key of a file wins', async (t) => {
  await home(t, {
    'run/containers/auth.json': {
      auths: { 'r.io': auth('all'), 'r.io/team': auth('team'), 'r.io/team/app': auth('app') },
    },
  });
  assert.equal(await userOf('r.io/team/app'), 'app');
  assert.equal(await userOf('r.io/team/other'), 'team');
  assert.equal(await userOf('r.io/x'), 'all');
  assert.equal(await userOf('r.io/teams'), 'all');
  assert.equal(await userOf('s.io/team/app'), undefined);
});

test('the runtime file is read before the one in the configuration and before Docker’s', async (t) => {
  const directory = await home(t, {
    'run/containers/auth.json': { auths: { 'a.io': auth('runtime') } },
    'config/containers/auth.json': { auths: { 'a.io': auth('config'), 'b.io': auth('config') } },
    'docker/config.json': { auths: { 'b.io': auth('docker'), 'https://c.io/v2/': auth('docker') }, HttpHeaders: {} },
    'mine.json': { auths: { 'a.io': auth('mine') } },
  });
  assert.equal(await userOf('a.io/x'), 'runtime');
  assert.equal(await userOf('b.io/x'), 'config');
  assert.equal(await userOf('c.io/x'), 'docker');
  assert.equal(await userOf('a.io/x', join(directory, 'mine.json')), 'mine');
  assert.equal(await userOf('b.io/x', join(directory, 'mine.json')), undefined);
  process.env['REGISTRY_AUTH_FILE'] = join(directory, 'mine.json');
  assert.equal(await userOf('a.io/x'), 'mine');
  assert.equal(primaryAuthFile(), join(directory, 'mine.json'));
  process.env['REGISTRY_AUTH_FILE'] = '';
  assert.equal(await userOf('a.io/x'), 'runtime');
  assert.equal(primaryAuthFile(), join(directory, 'run/containers/auth.json'));
});

test('Docker Hub is found under its old address', async (t) => {
  await home(t, { 'docker/config.json': { auths: { 'https://index.docker.io/v1/': auth('hub') } } });
  assert.equal(await userOf('docker.io/library/busybox'), 'hub');
});

test('a credential helper is asked with the name of the registry', async (t) => {
  const directory = await home(t, {
    'run/containers/auth.json': { credHelpers: { 'a.io': 'test', 'b.io': 'absent' }, auths: { 'a.io': auth('file') } },
    'docker/config.json': { credsStore: 'test' },
  });
  const helper = join(directory, 'docker-credential-test');
  await writeFile(
    helper,
    `#!/bin/sh
read -r server
case "$1 $server" in
"get a.io") echo '{"ServerURL":"a.io","Username":"helped","Secret":"s"}' ;;
"get token.io") echo '{"ServerURL":"token.io","Username":"<token>","Secret":"refresh"}' ;;
*) echo "credentials not found in native keychain"; exit 1 ;;
esac
`,
  );
  await chmod(helper, 0o755);
  process.env['PATH'] = `${directory}:${process.env['PATH'] ?? ''}`;
  assert.equal(await userOf('a.io/x'), 'helped');
  assert.equal(await userOf('c.io/x'), undefined);
  assert.deepEqual(await findCredentials({ registry: 'token.io', repository: 'x' }), {
    username: '',
    password: '',
    identityToken: 'refresh',
  });
  await assert.rejects(userOf('b.io/x'), {
    message: 'the credential helper "docker-credential-absent" is not installed',
  });
});

test('a malformed credentials file is named', async (t) => {
  await home(t, { 'run/containers/auth.json': { auths: { 'a.io': { auth: 'bm9jb2xvbg==' } } } });
  await assert.rejects(userOf('a.io/x'), { message: /^the credentials of "a.io" in ".*auth.json" are malformed$/ });
});

test('--creds is a user and a password', () => {
  assert.deepEqual(parseCredentials('alice:pa:ss'), { username: 'alice', password: 'pa:ss' });
  assert.throws(() => parseCredentials('alice'), { name: 'UsageError' });
});
