import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withGoNames } from '../../../src/cli/go-names.ts';

test('fields of templates have the names of Go, at every depth', () => {
  const info = {
    host: { os: 'linux', cpus: 2, idMappings: { uidmap: [{ container_id: 0 }] } },
    version: { Version: '1' },
  };
  assert.deepEqual(withGoNames(info), {
    Host: { OS: 'linux', CPUs: 2, IDMappings: { UIDMap: [{ ContainerID: 0 }] } },
    Version: { Version: '1' },
  });
});
