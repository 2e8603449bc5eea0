import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRows } from '../../../../src/cli/format.ts';
import { volumeView } from '../../../../src/cli/views/volume-view.ts';

test('templates know what Podman has of a volume and leaves out of the JSON', async () => {
  const volume = {
    name: 'data',
    created: '2026-01-01T00:00:00Z',
    anonymous: false,
    labels: {},
    path: '/data',
    containers: [],
    isEmpty: false,
    isUnclaimed: false,
  };
  const format = '{{.Name}} {{.UID}}:{{.GID}} {{.Timeout}} {{.Status}} "{{.StorageID}}"';
  assert.equal(await formatRows([volume], volumeView, { format }), 'data 0:0 0 map[] ""\n');
});
