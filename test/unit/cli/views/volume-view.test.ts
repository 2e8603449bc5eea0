import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRows } from '../../../../src/cli/format.ts';
import { inspectFields } from '../../../../src/cli/inspect-fields.ts';
import { volumeJson, volumeView } from '../../../../src/cli/views/volume-view.ts';

const volume = {
  name: 'data',
  created: '2026-01-01T00:00:00Z',
  anonymous: false,
  labels: {},
  path: '/data',
  containers: [],
  isEmpty: false,
  isUnclaimed: false,
  mountCount: 0,
};

test('templates know what Podman has of a volume and leaves out of the JSON', async () => {
  const format = '{{.Name}} {{.UID}}:{{.GID}} {{.Timeout}} {{.Status}} "{{.StorageID}}"';
  assert.equal(await formatRows([volume], volumeView, { format }), 'data 0:0 0 map[] ""\n');
});

test("a volume is as old as Go's times say", async () => {
  const format = '{{.CreatedAt}} {{.CreatedAt.Year}} {{json .CreatedAt}}';
  assert.equal(
    await formatRows([volume], volumeView, { format }),
    '2026-01-01 00:00:00 +0000 UTC 2026 "2026-01-01T00:00:00Z"\n',
  );
});

test('volume ls and volume inspect know the same fields', () => {
  const inspected = Object.getOwnPropertyNames(inspectFields(volumeJson(volume)));
  assert.deepEqual(inspected.sort(), Object.keys(volumeView.fields).sort());
});
