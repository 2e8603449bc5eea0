import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyFilters } from '../../../../src/cli/filter.ts';
import { formatRows } from '../../../../src/cli/format.ts';
import { parseSearchFilter, searchMatchers, searchView, tagsJson } from '../../../../src/cli/views/search-view.ts';

const row = {
  registry: 'docker.io',
  name: 'docker.io/library/alpine',
  description: 'A minimal Docker image based on Alpine Linux with a complete package index',
  stars: 7956,
  isOfficial: true,
  isAutomated: false,
  tag: '',
};
const evil = {
  ...row,
  name: 'docker.io/x\u001b[2J',
  description: 'two\nlines\t\u009b31m',
  isOfficial: false,
  stars: 3,
};

test("a search shows Podman's columns, and with --compatible Docker's, too", async () => {
  assert.equal(
    await formatRows([row], searchView({ full: false }), {}),
    'NAME                      DESCRIPTION\n' +
      'docker.io/library/alpine  A minimal Docker image based on Alpine Linux...\n',
  );
  assert.equal(
    await formatRows([row], searchView({ full: true, compatible: true }), {}),
    'NAME                      DESCRIPTION                                                                 STARS       OFFICIAL    AUTOMATED\n' +
      'docker.io/library/alpine  A minimal Docker image based on Alpine Linux with a complete package index  7956        [OK]        \n',
  );
});

test('what a registry sends does not command the terminal', async () => {
  const view = searchView({ full: false });
  assert.match(await formatRows([evil], view, {}), /^docker\.io\/x\?\[2J +two lines\?\?31m$/m);
  assert.equal(
    await formatRows([evil], view, { format: '{{.Name}}|{{.Description}}' }),
    'docker.io/x?[2J|two lines??31m\n',
  );
  const json = JSON.stringify([view.json(evil), tagsJson([{ ...evil, tag: '\u009b' }])]);
  assert.equal(/[\x00-\x1f\x7f-\x9f]/.test(json), false, json);
});

test('a description is cut where a character ends', async () => {
  const view = searchView({ full: false });
  const format = '{{.Description}}';
  const wide = { ...row, description: 'ü'.repeat(45) };
  assert.equal(await formatRows([wide], view, { format }), `${'ü'.repeat(44)}...\n`);
  const exact = { ...row, description: 'ü'.repeat(44) };
  assert.equal(await formatRows([exact], view, { format }), `${'ü'.repeat(44)}\n`);
});

test('tags are grouped by their image in JSON', () => {
  const tagged = ['1', '2'].map((tag) => ({ ...row, tag }));
  assert.deepEqual(tagsJson([...tagged, { ...row, name: 'quay.io/alpine', tag: '3' }]), [
    { Name: 'docker.io/library/alpine', Tags: ['1', '2'] },
    { Name: 'quay.io/alpine', Tags: ['3'] },
  ]);
});

test('--filter chooses by stars, official and automated', () => {
  const names = (...filters: string[]) =>
    applyFilters([row, evil], filters.map(parseSearchFilter), searchMatchers).map(({ stars }) => stars);
  assert.deepEqual(names('is-official'), [7956]);
  assert.deepEqual(names('is-official=false'), [3]);
  assert.deepEqual(names('is-automated'), []);
  assert.deepEqual(names('stars=3', 'is-automated=false'), [7956, 3]);
  assert.deepEqual(names('stars=4'), [7956]);
  assert.throws(() => names('stars'), { message: /"" is not a whole number/ });
  assert.throws(() => names('is-official=maybe'), { message: '"maybe" is neither true nor false' });
  assert.throws(() => names('is-old'), { remedy: 'There are: is-automated, is-official, stars' });
});
