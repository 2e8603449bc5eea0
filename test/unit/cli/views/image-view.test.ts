import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyFilters } from '../../../../src/cli/filter.ts';
import { formatRows } from '../../../../src/cli/format.ts';
import {
  imageMatchers,
  imageOrders,
  imageView,
  matchesReference,
  rowsOf,
  type ImageRow,
} from '../../../../src/cli/views/image-view.ts';
import { parseDigest } from '../../../../src/model/digest.ts';
import { repoDigests, repositoryOf, tagOf } from '../../../../src/model/image-names.ts';

const A = parseDigest(`sha256:${'a'.repeat(64)}`);
const B = parseDigest(`sha256:${'b'.repeat(64)}`);

function image(changes: Partial<ImageRow> = {}): ImageRow {
  return {
    id: A,
    digest: B,
    indexDigest: undefined,
    names: ['localhost:5000/team/app:1.0'],
    config: { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } },
    created: '2026-01-01T00:00:00Z',
    size: 1000,
    containers: 0,
    parent: undefined,
    ...changes,
  };
}

test('a name is its repository and its tag; a port is neither', () => {
  assert.equal(repositoryOf('localhost:5000/team/app'), 'localhost:5000/team/app');
  assert.equal(repositoryOf('localhost:5000/team/app:1.0'), 'localhost:5000/team/app');
  assert.equal(tagOf('localhost:5000/team/app:1.0'), '1.0');
  assert.equal(tagOf(`quay.io/app@${A}`), undefined);
});

test('a digest is shown for each repository once, and the one of the index, too', () => {
  const names = ['quay.io/app:1', 'quay.io/app:2', 'docker.io/library/app:latest'];
  assert.deepEqual(repoDigests({ names, digest: B, indexDigest: A }), [
    `docker.io/library/app@${B}`,
    `docker.io/library/app@${A}`,
    `quay.io/app@${B}`,
    `quay.io/app@${A}`,
  ]);
});

test('a reference matches from the end of a name, with and without its tag', () => {
  const name = 'localhost:5000/team/app:1.0';
  for (const pattern of ['app', 'app:1.0', 'team/app', 'localhost:5000/team/app', '*/app:1.*', 'a?p', 'app:*']) {
    assert.equal(matchesReference(pattern)(name), true, pattern);
  }
  for (const pattern of ['ap', 'pp', 'app:1', 'app:1x0', 'team', '*', 'team/*/app']) {
    assert.equal(matchesReference(pattern)(name), pattern === '*', pattern);
  }
});

test('an image has a row for each name, and without names one', () => {
  assert.deepEqual(
    rowsOf(image({ names: ['a:1', 'b:2'] })).map(({ name }) => name),
    ['a:1', 'b:2'],
  );
  assert.deepEqual(
    rowsOf(image({ names: [] })).map(({ name }) => name),
    [undefined],
  );
});

test('the newest image is the first', () => {
  const old = rowsOf(image({ created: '2020-01-01T00:00:00Z' }));
  const recent = rowsOf(image({ created: '2026-01-01T00:00:00Z' }));
  assert.deepEqual([...old, ...recent].sort(imageOrders['created']), [...recent, ...old]);
});

test('filters that take true or false refuse anything else', () => {
  const matchers = imageMatchers(() => image(), 0);
  const dangling = (value: string) =>
    applyFilters([image({ names: [] }), image()], [{ key: 'dangling', value }], matchers);
  assert.equal(dangling('true').length, 1);
  assert.deepEqual(dangling('0')[0]?.names.length, 1);
  assert.throws(() => dangling('maybe'), /"maybe" is neither true nor false/);
});

test('templates know the fields of the JSON, sizes in bytes among them', async () => {
  const view = imageView({ nowMs: 0, full: false, digests: false, history: false });
  const format = '{{.Size}} {{.VirtualSize}} {{.SharedSize}} "{{.ParentId}}"';
  assert.equal(await formatRows(rowsOf(image()), view, { format }), '1 kB 1000 0 ""\n');
});
