import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRows, formatValue, normalizeFields } from '../../../src/cli/format.ts';
import { UsageError } from '../../../src/errors.ts';
import { goTime, humanDuration, humanSize } from '../../../src/cli/human.ts';

interface Row {
  id: string;
  name: string;
}
const rows: Row[] = [
  { id: 'a1', name: 'web' },
  { id: 'b2', name: 'a-long-name-of-a-container' },
];
const view = {
  columns: [
    { heading: 'CONTAINER ID', cell: (row: Row) => row.id },
    { heading: 'NAMES', cell: (row: Row) => row.name },
    { heading: 'X', cell: () => 'x' },
  ],
  fields: { ID: (row: Row) => row.id, Names: (row: Row) => row.name, CreatedAt: () => 'now' },
  headings: { ID: 'CONTAINER ID' },
  json: (row: Row) => ({ Id: row.id }),
};

test("a table has Podman's columns", async () => {
  assert.equal(
    await formatRows(rows, view, {}),
    'CONTAINER ID  NAMES                       X\n' +
      'a1            web                         x\n' +
      'b2            a-long-name-of-a-container  x\n',
  );
});

test('a table without heading may be empty', async () => {
  assert.equal(await formatRows([], view, { noHeading: true }), '');
  assert.equal(await formatRows([], view, {}), 'CONTAINER ID  NAMES       X\n');
});

test('a template is used for each row', async () => {
  assert.equal(
    await formatRows(rows, view, { format: '{{.ID}}\\t{{.Names}}' }),
    'a1\tweb\nb2\ta-long-name-of-a-container\n',
  );
});

test('a table of a template has headings made of the fields', async () => {
  assert.equal(
    await formatRows(rows.slice(0, 1), view, { format: 'table {{.ID}}\\t{{.CreatedAt}}\\t{{upper .Names}}' }),
    'CONTAINER ID  CREATED AT  NAMES\na1            now         WEB\n',
  );
  assert.equal(await formatRows([], view, { format: 'table {{.ID}}\t{{.Names}}' }), 'CONTAINER ID  NAMES\n');
  await assert.rejects(formatRows([], view, { format: 'table {{.Nmaes}}' }), /Nmaes/);
});

for (const format of [
  '{{.Nmaes}}',
  'table {{.Nmaes}}',
  'table {{range .}}{{.Nmaes}}{{end}}',
  '{{range .}}{{.Nmaes}}{{end}}',
]) {
  test(`${format} is refused, whether there are rows or not`, async () => {
    const refusal = new UsageError('there is no field "Nmaes"', { remedy: 'The fields are: CreatedAt, ID, Names' });
    await assert.rejects(formatRows(rows, view, { format, noHeading: true }), refusal);
    await assert.rejects(formatRows([], view, { format, noHeading: true }), refusal);
  });
}

test('blanks between the fields of a table are as good as tabs, but not those within a field', async () => {
  assert.equal(
    await formatRows(rows.slice(0, 1), view, { format: 'table {{.ID}} {{printf "%s !" .Names}}' }),
    'CONTAINER ID  NAMES !\na1            web !\n',
  );
});

test('a template may go through the rows itself', async () => {
  const format = '{{range .}}{{.Names}};{{end}}';
  assert.equal(await formatRows(rows, view, { format }), 'web;a-long-name-of-a-container;\n');
  assert.equal(
    await formatRows(rows.slice(0, 1), view, { format: 'table {{range .}}{{.ID}}\\t{{.Names}}{{end}}' }),
    'CONTAINER ID  NAMES\na1            web\n',
  );
});

test('each value has its line, be it empty or end with a line break', async () => {
  assert.equal(await formatRows(rows, view, { format: '{{if eq .ID "a1"}}{{.Names}}{{end}}' }), 'web\n\n');
  assert.equal(await formatValue({ A: 'x' }, '{{println .A}}'), 'x\n\n');
  assert.equal(await formatValue({ A: 'x' }, '{{.A}}\\n'), 'x\n');
});

test('json is a list of the stored objects', async () => {
  assert.equal(
    await formatRows(rows, view, { format: 'json' }),
    '[\n  {\n    "Id": "a1"\n  },\n  {\n    "Id": "b2"\n  }\n]\n',
  );
});

test('inspect knows fields by the names that Podman takes for them, too', () => {
  assert.equal(
    normalizeFields('{{.ID}} {{.Identity}} {{range .Mounts}}{{.Src}}:{{.Dst}}{{end}}'),
    '{{.Id}} {{.Identity}} {{range .Mounts}}{{.Source}}:{{.Destination}}{{end}}',
  );
});

test('one value is shown as JSON or through a template', async () => {
  assert.equal(await formatValue({ A: 1 }, undefined), '{\n     "A": 1\n}\n');
  assert.equal(await formatValue({ A: 1 }, '{{.A}}'), '1\n');
});

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const durations: [milliseconds: number, text: string][] = [
  [999, 'Less than a second'],
  [1 * SECOND, '1 second'],
  [59 * SECOND, '59 seconds'],
  [119 * SECOND, 'About a minute'],
  [120 * SECOND, '2 minutes'],
  [60 * 60 * SECOND, 'About an hour'],
  [1.6 * HOUR, '2 hours'],
  [47 * HOUR, '47 hours'],
  [48 * HOUR, '2 days'],
  [24 * 15 * HOUR, '2 weeks'],
  [24 * 61 * HOUR, '2 months'],
  [24 * 365 * 3 * HOUR, '3 years'],
];
for (const [milliseconds, text] of durations) {
  test(`${milliseconds} ms are "${text}"`, () => assert.equal(humanDuration(milliseconds), text));
}

test('sizes have three digits', () => {
  assert.deepEqual([0, 999, 1234, 1_234_567, 999_600, 5e9].map(humanSize), [
    '0 B',
    '999 B',
    '1.23 kB',
    '1.23 MB',
    '1 MB',
    '5 GB',
  ]);
});

test('a time is printed as Go does', () => {
  assert.equal(goTime('2026-11-20T10:00:00.123Z'), '2026-11-20 10:00:00.123 +0000 UTC');
});
