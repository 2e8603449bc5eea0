import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCopyPaths } from '../../../src/model/copy-path.ts';
import { planCopy, planPack, planPut, type CopyEnd, type FileKind } from '../../../src/plan/copy.ts';

const end = (given: string, kind: FileKind, parent: FileKind = 'directory'): CopyEnd => ({
  given,
  where: 'container c',
  kind,
  path: `/at/${given.replace(/\/\.?$/, '')}`,
  parent: { kind: parent, path: '/at' },
});

test('a copy has the name of its source, or the one that does not exist yet', () => {
  const plans = [
    planCopy(end('a', 'file'), end('b', 'missing')),
    planCopy(end('a', 'file'), end('b', 'file')),
    planCopy(end('a', 'file'), end('b', 'directory')),
    planCopy(end('a', 'directory'), end('b', 'missing')),
    planCopy(end('a', 'directory'), end('b', 'directory')),
    planCopy(end('a/.', 'directory'), end('b', 'missing')),
    planCopy(end('a/.', 'directory'), end('b', 'directory')),
  ];
  assert.deepEqual(
    plans.map(({ pack, put }) => [pack.as, put.directory, put.top]),
    [
      ['b', '/at', 'b'],
      ['b', '/at', 'b'],
      ['a', '/at/b', 'a'],
      ['b', '/at', 'b'],
      ['a', '/at/b', 'a'],
      ['b', '/at', 'b'],
      ['', '/at/b', undefined],
    ],
  );
});

test('a copy that cannot be is refused', () => {
  const file = end('a', 'file');
  assert.throws(() => planCopy(end('a', 'missing'), end('b', 'directory')), {
    message: '"a" could not be found on container c: no such file or directory',
    remedy: 'Check its spelling; a symbolic link must lead somewhere.',
  });
  assert.throws(() => planCopy(end('a', 'other'), end('b', 'directory')), /neither a file nor a directory/);
  assert.throws(() => planCopy(file, end('b/', 'missing')), /"b\/" could not be found/);
  assert.throws(() => planCopy(file, end('b', 'missing', 'missing')), /"b" could not be found/);
  assert.throws(() => planCopy(file, end('b', 'missing', 'file')), /"b" could not be found/);
  assert.throws(() => planCopy(file, end('b', 'other')), /invalid destination: "b"/);
  assert.throws(() => planCopy(file, end('b/', 'file')), /"b\/" on container c exists but is not a directory/);
  assert.throws(() => planCopy(end('a', 'directory'), end('b', 'file')), /must be a directory/);
  assert.throws(() => planPut(file), /when copying from stdin/);
  assert.throws(() => planPut(end('a', 'missing')), /could not be found/);
  assert.equal(planPack(file).as, 'a');
});

test('a path belongs to a container unless it begins with a dot or a slash, or has no colon', () => {
  assert.deepEqual(parseCopyPaths('a:b', 'c:d:e'), {
    from: { kind: 'container', container: 'a', path: 'b' },
    to: { kind: 'container', container: 'c', path: 'd:e' },
  });
  assert.deepEqual(parseCopyPaths('./a:b', 'c:/'), {
    from: { kind: 'host', path: './a:b' },
    to: { kind: 'container', container: 'c', path: '/' },
  });
  assert.deepEqual(parseCopyPaths('-', 'c:/').from, { kind: 'stream' });
  for (const [from, to] of [
    ['a', 'b'],
    ['-', '-'],
    ['-', 'a'],
  ] as const) {
    assert.throws(() => parseCopyPaths(from, to), /neither is in a container/);
  }
  for (const [from, to] of [
    ['', 'c:/'],
    ['a', 'c:'],
    [':a', 'c:/'],
  ] as const) {
    assert.throws(() => parseCopyPaths(from, to), /you must specify paths/);
  }
});
