import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileTemplate } from '../../../src/model/template/evaluator.ts';
import { UsageError } from '../../../src/errors.ts';

const data = {
  ID: '0123456789ab',
  Names: ['web', 'www'],
  State: { Running: true, Pid: 42, ExitCode: 0, Health: null },
  Labels: { app: 'web', 'a.b/c': 'x y' },
  Size: 1234.5,
  Empty: [],
};
const show = (template: string) => compileTemplate(template)(data);

const cases: [template: string, text: string][] = [
  ['{{.ID}}', '0123456789ab'],
  ['a{{.ID}}b{{.State.Pid}}', 'a0123456789abb42'],
  ['{{ .Names }}', '[web www]'],
  ['{{.Labels}}', 'map[a.b/c:x y app:web]'],
  ['{{.Labels.app}} {{.Labels.none}} {{.Labels.none.x}}', 'web <no value> <no value>'],
  ['{{index .Labels "a.b/c"}}', 'x y'],
  ['{{index .Names 1}}', 'www'],
  ['{{len .Names}}', '2'],
  ['{{slice .ID 0 4}}', '0123'],
  ['{{json .Names}} {{json .State}}', '["web","www"] {"Running":true,"Pid":42,"ExitCode":0,"Health":null}'],
  ['{{join .Names ","}}', 'web,www'],
  ['{{.ID | upper | printf "%s!"}}', '0123456789AB!'],
  ['{{range .Names}}<{{.}}>{{end}}', '<web><www>'],
  ['{{range $i, $n := .Names}}{{$i}}={{$n}} {{end}}', '0=web 1=www '],
  ['{{range $k, $v := .Labels}}{{$k}}:{{$v}};{{end}}', 'a.b/c:x y;app:web;'],
  ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
  ['{{range .Names}}{{if eq . "www"}}{{break}}{{end}}{{.}}{{end}}', 'web'],
  ['{{range .Names}}{{if eq . "web"}}{{continue}}{{end}}{{.}}{{end}}', 'www'],
  ['{{if .State.Running}}up{{else}}down{{end}}', 'up'],
  ['{{if .State.ExitCode}}failed{{else if .State.Running}}up{{else}}ok{{end}}', 'up'],
  ['{{if .State.ExitCode}}failed{{else}}{{if .State.Running}}up{{end}}!{{end}}', 'up!'],
  ['{{with .State}}{{.Pid}}{{end}}', '42'],
  ['{{with .State.Health}}{{.Status}}{{else}}no check{{end}}', 'no check'],
  ['{{with $x := .State.Pid}}{{$x}}{{$.ID}}{{end}}', '420123456789ab'],
  ['{{$x := 1}}{{range .Names}}{{$x = .}}{{end}}{{$x}}', 'www'],
  ['{{printf "%-6s|%05d|%.1f|%q|%%" "ab" 42 .Size "x"}}', 'ab    |00042|1234.5|"x"|%'],
  ['{{and .State.Running .ID}} {{or .Empty "default"}} {{not .Empty}}', '0123456789ab default true'],
  ['{{if and (gt .State.Pid 40) (lt .State.Pid 50)}}in{{end}}', 'in'],
  ['{{eq .ID "x" "0123456789ab"}} {{ne 1 2}} {{ge 2 2}} {{le 3 2}}', 'true true true false'],
  ['{{title "hello world"}} {{lower "ABC"}} {{truncate .ID 3}} {{pad "x" 1 2}}|', 'Hello World abc 012  x  |'],
  ['{{index (split "a,b" ",") 1}}', 'b'],
  ['{{/* a comment */}}x {{- " y " -}}  z', 'x y z'],
  ['{{`raw "string"`}} {{"esc\\"aped\\n"}}', 'raw "string" esc"aped\n'],
  ['{{(index .Names 0) | upper}} {{(.State).Pid}}', 'WEB 42'],
  ['{{println .ID 3}}', '0123456789ab 3\n'],
  ['{{print 1 2 "a" "b" 3}}', '1 2ab3'],
  ['{{html "<a&\'>"}} {{js "a\'b"}} {{urlquery "a b&c"}}', "&lt;a&amp;&#39;&gt; a\\'b a+b%26c"],
  ["{{1e3}} {{0x10}} {{0o17}} {{0b11}} {{1_000}} {{-2}} {{'a'}} {{'\\n'}}", '1000 16 15 3 1000 -2 97 10'],
  ['{{"\\u00e9\\x41\\102\\t\\\\"}}', 'éAB\t\\'],
  ['{{block "B" .ID}}<{{.}}>{{end}}', '<0123456789ab>'],
  ['{{define "T"}}[{{.}}]{{end}}{{range .Names}}{{template "T" .}}{{end}}', '[web][www]'],
  ['{{slice .Names 1}} {{slice .ID 10}}', '[www] ab'],
  ['{{split "a,b" "," | len}} {{upper .State.Health}}|', '2 |'],
  ['no action', 'no action'],
  ['{{"}}"}}', '}}'],
];
for (const [template, text] of cases)
  test(`${template} gives ${JSON.stringify(text)}`, () => assert.equal(show(template), text));

const refusals: [template: string, message: RegExp][] = [
  ['{{.Id}}', /no field "Id"/],
  ['{{.State.pid}}', /no field "pid"/],
  ['{{.ID', /no "}}" closes/],
  ['{{.ID}}\n\t{{.N\n', /^the template "{{.ID}}\\n\\t{{.N" has a "{{" that no "}}" closes$/],
  ['{{.ID}}\nx{{end}}\n', /^the template "{{.ID}}\\nx{{end}}" is malformed: "end" belongs to nothing$/],
  ['{{.ID ?\n!}}', /^"\?\\n!" cannot stand in a template$/],
  ['{{}}', /a value is missing/],
  ['{{if .ID}}x', /"if" has no "end"/],
  ['{{end}}', /"end" belongs to nothing/],
  ['{{if .ID}}a{{else}}b{{else}}c{{end}}', /no "end"/],
  ['{{foo .ID}}', /no function "foo"/],
  ['{{$x}}', /no variable "\$x"/],
  ['{{(.ID}}', /"\(" is not closed/],
  ['{{.ID)}}', /"\)" closes nothing/],
  ['{{.ID | }}', /a value is missing/],
  ['{{lt .ID 3}}', /incompatible types/],
  ['{{.ID.x}}', /asks for the field "x"/],
  ['{{.State.Health.Status}}', /the field "Status" of what is not there/],
  ['{{.ID #}}', /"#" cannot stand/],
  ['{{index .Names 5}}', /item 5 of 2/],
  ['{{template "x"}}', /no template "x"/],
  ['{{template x}}', /"template" needs a name/],
  ['{{define "T"}}x', /"define" has no "end"/],
  ['{{define "T"}}{{template "T"}}{{end}}{{template "T"}}', /uses itself without an end/],
  ['{{eq 1}}', /"eq" 1 arguments, and it takes at least 2/],
  ['{{printf}}', /"printf" 0 arguments/],
  ['{{upper}}', /"upper" 0 arguments, and it takes 1/],
  ['{{and}}', /"and" no arguments/],
  ['{{join .Names}}', /"join" 1 arguments, and it takes 2/],
  ['{{.Names | join ","}}', /gives "join" ",", and it takes a list/],
  ['{{upper 3}}', /gives "upper" "3", and it takes a text/],
  ['{{truncate .ID "x"}}', /gives "truncate" "x", and it takes a whole number/],
  ['{{pad .ID -1 0}}', /gives "pad" "-1", and it takes a whole number/],
  ['{{slice .ID 5 2}}', /items 5 to 2 of 12/],
  ['{{slice .ID 99}}', /items 99 to 12 of 12/],
  ['{{slice .State 1}}', /a text or a list/],
  ['{{index .ID "x"}}', /gives "index" "x", and it takes a whole number/],
  ['{{call .ID}}', /it takes a function/],
  ['{{"a" "b"}}', /gives arguments to "a", which takes none/],
  ['{{len 3}}', /length of "3"/],
  ['{{"\\q"}}', /unknown escape "\\q"/],
  ['{{"\\UFFFFFFFF"}}', /unknown escape/],
  ["{{'ab'}}", /not one character/],
  ['{{1x}}', /"1x" cannot stand/],
  ['{{"abc}}', /no "}}" closes/],
  ['{{range}}x{{end}}', /a value is missing/],
  ['{{else}}', /"else" belongs to nothing/],
  ['{{break}}', /outside of a range/],
  ['{{toString 1}}', /no function/],
];
for (const [template, message] of refusals) {
  test(`${template} is refused`, () =>
    assert.throws(
      () => show(template),
      (error) => error instanceof UsageError && message.test(error.message),
    ));
}

for (const template of [
  '{{$x}}',
  '{{$x := 1}}{{$y}}',
  '{{if .Empty}}{{$x}}{{end}}',
  '{{range .Empty}}{{.}}{{else}}{{$x}}{{end}}',
  '{{with $x := .ID}}{{$x}}{{end}}{{$x}}',
  '{{range $x := .Names}}{{end}}{{$x}}',
  '{{if .ID}}{{$x := 1}}{{end}}{{$x}}',
  '{{$x := 1}}{{define "T"}}{{$x}}{{end}}',
  '{{define "T"}}{{$x := 1}}{{end}}{{$x}}',
]) {
  test(`${template} is refused before there is anything to show`, () =>
    assert.throws(() => compileTemplate(template), /no variable "\$[xy]"/));
}

for (const [template, text] of [
  ['{{if $x := .ID}}{{else if $x}}{{else}}{{$x}}{{end}}{{$.ID}}', '0123456789ab'],
  ['{{$x := 1}}{{if .Empty}}{{$y := 2}}{{else}}{{$x}}{{end}}{{$x}}', '11'],
  ['{{range $i, $n := .Names}}{{with $i}}{{$n}}{{$i}}{{end}}{{end}}', 'www1'],
  ['{{define "T"}}{{$x := .}}{{$x}}{{$}}{{end}}{{template "T" 1}}', '11'],
] as const) {
  test(`${template} knows its variables`, () => assert.equal(show(template), text));
}

test('an unknown field is answered with the fields there are', () => {
  assert.throws(
    () => show('{{.State.Foo}}'),
    new UsageError('there is no field "Foo"', { remedy: 'The fields are: ExitCode, Health, Pid, Running' }),
  );
});
