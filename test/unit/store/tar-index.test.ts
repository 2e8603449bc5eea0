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

test('records of a pax header that have no end of their own are refused at once, however many there are', (t) => {
  const archive = writeTar([{ path: 'a', content: '', pax: { path: 'b' } }]);
  const records = Buffer.alloc(1 << 20, '2x'); // Each says that it has two bytes: its blank is that of another one.
  records.write(' ', records.length - 1);
  const header = Buffer.from(archive.subarray(0, 512));
  header.write(records.length.toString(8).padStart(11, '0'), 124, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  assert.throws(() => indexOf(t, Buffer.concat([header, records, archive.subarray(1024)])), /malformed pax header/);
});
