import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatImageReference, parseImageReference, qualifyReference } from '../../../src/model/image-reference.ts';
import { settleShortName, type ChooseName } from '../../../src/registry/short-names.ts';

const app = parseImageReference('app');
const names = ['a.io', 'b.io'].map((registry) => qualifyReference(app, registry));

async function settle(count: number, mode: 'enforcing' | 'permissive' | 'disabled', choose?: ChooseName) {
  const settled = await settleShortName(app, names.slice(0, count), { mode, choose });
  return [settled.names.map(formatImageReference), settled.chosen];
}

const ALL = ['a.io/app:latest', 'b.io/app:latest'];
const second: ChooseName = (offered) => Promise.resolve(offered[1] ?? 'nothing to choose');

suite('of the registries that may have a short name', () => {
  for (const mode of ['enforcing', 'permissive'] as const) {
    test(`the user is asked for one where short-name-mode is ${mode}`, async () => {
      assert.deepEqual(await settle(2, mode, second), [['b.io/app:latest'], true]);
      assert.deepEqual(await settle(1, mode, second), [['a.io/app:latest'], false]);
    });
  }

  test('all are tried where short-name-mode is permissive and there is nobody to ask', async () => {
    assert.deepEqual(await settle(2, 'permissive'), [ALL, false]);
  });

  test('all are tried, and nobody is asked, where short-name-mode is disabled', async () => {
    assert.deepEqual(await settle(2, 'disabled', second), [ALL, false]);
  });

  test('none is tried where short-name-mode is enforcing and there is nobody to ask', async () => {
    assert.deepEqual(await settle(1, 'enforcing'), [['a.io/app:latest'], false]);
    await assert.rejects(settle(2, 'enforcing'), {
      message: 'the short name "app" is ambiguous',
      remedy: 'Name the registry: a.io/app:latest or b.io/app:latest',
    });
  });
});
