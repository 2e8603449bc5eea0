import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { removeAllCredentials, removeCredentials, saveCredentials } from '../../../src/registry/auth-file.ts';

/** A directory with what killed logins have left in it, and files that only look like it. */
function folderWithLeftovers(t: TestContext): { readonly folder: string; readonly authFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-auth-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['auth.json.0123456789ab.tmp', ...STRANGE]) writeFileSync(join(folder, name), 'secret');
  return { folder, authFile: join(folder, 'auth.json') };
}

const STRANGE = ['auth.json.old.tmp', 'other.json.0123456789ab.tmp'];

test('what a login that was killed has written goes with the next login', async (t) => {
  const { folder, authFile } = folderWithLeftovers(t);
  await saveCredentials('r.io', { username: 'a', password: 'b' }, { authFile });
  assert.deepEqual(readdirSync(folder).sort(), ['auth.json', ...STRANGE]);
  assert.deepEqual(JSON.parse(readFileSync(authFile, 'utf8')), { auths: { 'r.io': { auth: 'YTpi' } } });
});

test('it goes with a logout, too, where nobody is logged in', async (t) => {
  for (const logout of [removeCredentials.bind(undefined, 'r.io'), removeAllCredentials]) {
    const { folder, authFile } = folderWithLeftovers(t);
    await logout({ authFile });
    assert.deepEqual(readdirSync(folder).sort(), STRANGE);
  }
});

test('a logout makes no directory', async (t) => {
  const { folder } = folderWithLeftovers(t);
  assert.equal(await removeCredentials('r.io', { authFile: join(folder, 'none/auth.json') }), false);
  await removeAllCredentials({ authFile: join(folder, 'none/auth.json') });
  assert.ok(!readdirSync(folder).includes('none'));
});
