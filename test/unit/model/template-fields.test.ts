import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.ts';
import { compileTemplate } from '../../../src/model/template/evaluator.ts';

const row = { fields: ['Names', 'ID', 'Labels'] };

for (const template of [
  '{{.Nope}}',
  '{{.names}}',
  '{{.Names}} {{.Nope}}',
  '{{.Nope.Names}}',
  '{{(.).Nope}}',
  '{{$.Nope}}',
  '{{$x := .}}{{$x.Nope}}',
  '{{$x := .Nope}}',
  '{{.Nope | upper}}',
  '{{"a" | printf "%s%s" .Nope}}',
  '{{.Labels "x" .Nope}}',
  '{{upper (lower .Nope)}}',
  '{{and .Nope .Names}}',
  '{{.Nope | and .Names}}',
  '{{if .Nope}}x{{end}}',
  '{{if not .Nope}}x{{end}}',
  '{{range .Nope}}x{{end}}',
  '{{with .Nope}}x{{end}}',
  '{{with .}}{{.Nope}}{{end}}',
  '{{with $x := .}}{{$x.Nope}}{{end}}',
  '{{if .}}{{.Nope}}{{end}}',
  '{{with .Labels}}{{.a}}{{end}}{{.Nope}}',
  '{{range .Names}}{{break}}{{end}}{{.Nope}}',
  '{{if .ID}}{{$x := .Names}}{{end}}{{$x := .}}{{$x.Nope}}',
  '{{define "T"}}{{.Nope}}{{end}}{{template "T" .}}',
  '{{block "B" .}}{{.Nope}}{{end}}',
]) {
  test(`${template} is refused before there are rows`, () =>
    assert.throws(
      () => compileTemplate(template, row),
      (error) =>
        error instanceof UsageError &&
        /no field "(Nope|names)"/.test(error.message) &&
        error.remedy === 'The fields are: ID, Labels, Names',
    ));
}

/** What a row might be for which the template has an answer. */
const answered: [template: string, data: Readonly<Record<string, unknown>>, text: string][] = [
  ['{{.Names}}', { Names: 'web' }, 'web'],
  ['{{.Labels.a.b}}', { Labels: {} }, '<no value>'],
  ['{{.Names.First}}', { Names: { First: 'web' } }, 'web'],
  ['{{"{{.Nope}}"}}', {}, '{{.Nope}}'],
  ['{{/* .Nope */}}', {}, ''],
  ['{{with .Labels}}{{.app}}{{end}}', { Labels: { app: 'shop' } }, 'shop'],
  ['{{range .Names}}{{.First}}{{end}}', { Names: [{ First: 'web' }] }, 'web'],
  ['{{range $k, $v := .Names}}{{$v.First}}{{end}}', { Names: [{ First: 'web' }] }, 'web'],
  ['{{with $x := .Labels}}{{$x.app}}{{.app}}{{end}}', { Labels: { app: 'shop' } }, 'shopshop'],
  ['{{with .Labels}}{{template "T" .}}{{end}}{{define "T"}}{{.app}}{{end}}', { Labels: { app: 'shop' } }, 'shop'],
  ['{{define "T"}}{{.app}}{{end}}{{template "T" .Labels}}', { Labels: { app: 'shop' } }, 'shop'],
  ['{{define "T"}}{{.Nope}}{{end}}', {}, ''],
  ['{{$x := .}}{{$x = .Labels}}{{$x.app}}', { Labels: { app: 'shop' } }, 'shop'],
  ['{{$x := .}}{{if .ID}}{{$x = .Labels}}{{end}}{{$x.app}}', { ID: '1', Labels: { app: 'shop' } }, 'shop'],
  ['{{(index .Names 0).First}}', { Names: [{ First: 'web' }] }, 'web'],
  ['{{if .ID}}{{.ID}}{{else}}{{.Nope}}{{end}}', { ID: '1' }, '1'],
  ['{{if .ID}}{{.Nope}}{{end}}', { ID: '' }, ''],
  ['{{with .Labels}}{{$.Nope}}{{end}}', { Labels: {} }, ''],
  ['{{range .Names}}{{$.Nope}}{{else}}none{{end}}', { Names: [] }, 'none'],
  ['{{and .ID .Nope}}', { ID: '' }, ''],
  ['{{.ID | or .Names .Nope}}', { ID: '1', Names: 'web' }, 'web'],
];
for (const [template, data, text] of answered) {
  test(`${template} is left to the rows`, () => {
    const whole = { ID: '', Names: '', Labels: {}, ...data };
    assert.equal(compileTemplate(template, row)(whole), text);
  });
}

test('a loop through the rows knows what they have', () => {
  const rows = { items: row };
  for (const template of [
    '{{range .}}{{.Nope}}{{end}}',
    '{{range $i, $row := .}}{{$row.Nope}}{{end}}',
    '{{range .}}{{if .ID}}{{break}}{{end}}{{end}}{{range .}}{{.Nope}}{{end}}',
  ]) {
    assert.throws(() => compileTemplate(template, rows), /no field "Nope"/, template);
  }
  for (const template of [
    '{{range .}}{{if .ID}}{{continue}}{{end}}{{.Nope}}{{end}}',
    '{{range .}}{{template "T" .}}{{.Nope}}{{end}}{{define "T"}}{{if .ID}}{{break}}{{end}}{{end}}',
  ]) {
    assert.equal(compileTemplate(template, rows)([{ ID: '1', Names: '', Labels: {} }]), '', template);
  }
});

test('a template that uses itself is checked, too', () => {
  const define = '{{define "T"}}{{with .Labels}}{{template "T" .}}{{end}}{{end}}{{template "T" .}}';
  assert.equal(compileTemplate(define, row)({ ID: '', Names: '', Labels: {} }), '');
  assert.throws(() => compileTemplate(`${define}{{.Nope}}`, { fields: ['Labels'] }), /no field "Nope"/);
});
