import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { choosePaths } from '../../../src/host/paths.ts';
import { explainPlace } from '../../../src/host/unusable-place.ts';

test('a store on a file system without symbolic links is named, as on FAT', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'tspod-place-'));
  t.after(() => rmSync(root, { recursive: true }));
  choosePaths({ root });
  for (const code of ['EPERM', 'ENOSYS']) {
    const failed = { code, syscall: 'symlink', path: '../0123', dest: join(root, 'containers/by-name/c') };
    assert.equal(
      explainPlace(Object.assign(new Error(code), failed))?.message,
      `cannot use "${root}" as the store: its file system keeps no symbolic links; ext4, xfs and btrfs do`,
    );
  }
});
