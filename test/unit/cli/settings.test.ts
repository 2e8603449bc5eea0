import * as Flags from '@oclif/core/flags';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readSettings } from '../../../src/cli/settings.ts';

const definitions = { 'log-driver': Flags.string({}), name: Flags.string({}) };

function environmentWith(t: TestContext, content: string | undefined): NodeJS.ProcessEnv {
  const directory = mkdtempSync(join(tmpdir(), 'tspod-settings-'));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'tspod'));
  if (content !== undefined) writeFileSync(join(directory, 'tspod/config.json'), content);
  return { XDG_CONFIG_HOME: directory };
}

test('without a file there are no settings', async (t) => {
  assert.deepEqual(await readSettings(definitions, environmentWith(t, undefined)), []);
});

test('settings become flags of the commands that have them', async (t) => {
  const environment = environmentWith(t, '{ "log-driver": "json-file", "storage-driver": "vfs" }');
  assert.deepEqual(await readSettings(definitions, environment), ['--log-driver=json-file']);
});

test('PODMAN_USERNS counts for more than the setting "userns"', async (t) => {
  const environment = environmentWith(t, '{ "userns": "keep-id" }');
  const containers = { userns: Flags.string({}) };
  assert.deepEqual(await readSettings(containers, environment), ['--userns=keep-id']);
  assert.deepEqual(await readSettings(containers, { ...environment, PODMAN_USERNS: 'auto' }), []);
});

test('a key that is no setting is named', async (t) => {
  await assert.rejects(
    readSettings(definitions, environmentWith(t, '{ "name": "web" }')),
    /has the key "name", which is no setting/,
  );
});

test('a damaged file is named', async (t) => {
  await assert.rejects(
    readSettings(definitions, environmentWith(t, '{ "log-driver": ')),
    /cannot read the settings ".*config\.json"/,
  );
});
