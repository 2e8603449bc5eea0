import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { cleanPath, indexTar, type TarMember } from '../../../src/store/tar-index.ts';
import { writeTar } from '../../support/tar.ts';

function indexOf(t: TestContext, archive: Buffer): Map<string, TarMember> {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-tar-'));
  const path = join(folder, 'archive.tar');
  writeFileSync(path, archive);
  const fd = openSync(path, 'r');
  t.after(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  return indexTar(fd, archive.length);
}

test('members are found by their names, however long, with the place of their content', (t) => {
  const long = 'directory/'.repeat(20);
  const archive = writeTar([
    { path: './manifest.json', content: '[]' },
    { path: `${long}pax`, content: 'p', longNames: 'pax' },
    { path: `${long}gnu`, content: 'g', longNames: 'gnu' },
    { path: 'link', type: 'symlink', link: '../x/layer.tar' },
    { path: 'twice', content: 'old' },
    { path: 'twice', content: 'newer' },
  ]);
  const members = indexOf(t, archive);
  const content = (path: string) => {
    const { offset = 0, size = 0 } = members.get(path) ?? {};
    return archive.toString('utf8', offset, offset + size);
  };
  assert.equal(content('manifest.json'), '[]');
  assert.equal(content(`${long}pax`), 'p');
  assert.equal(content(`${long}gnu`), 'g');
  assert.equal(content('twice'), 'newer');
  assert.deepEqual([members.get('link')?.type, members.get('link')?.link], ['link', '../x/layer.tar']);
});

test('an archive that is cut or damaged is refused', (t) => {
  const archive = writeTar([{ path: 'a', content: 'x'.repeat(5000) }]);
  assert.throws(() => indexOf(t, archive.subarray(0, 2000)), /ends too early/);
  assert.throws(() => indexOf(t, Buffer.alloc(1024, 'x')), /not a tar archive/);
  const damaged = Buffer.from(archive);
  damaged[0] = 0x62;
  assert.throws(() => indexOf(t, damaged), /not a tar archive, or a damaged one/);
});

test('a path is cleaned of what could lead elsewhere', () => {
  assert.equal(cleanPath('./a//b/../c/'), 'a/c');
  assert.equal(cleanPath('/../../etc/passwd'), 'etc/passwd');
});
