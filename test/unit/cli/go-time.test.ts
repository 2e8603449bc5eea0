import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goMoment } from '../../../src/cli/go-time.ts';
import { compileTemplate } from '../../../src/model/template/evaluator.ts';

const show = (template: string, time = '2026-11-22T06:22:43.005603608Z', other = '2026-11-22T06:21:41.5Z') =>
  compileTemplate(template)({ At: goMoment(time), Other: goMoment(other) });

test('a time has the fields of Go', () => {
  assert.equal(show('{{.At.Unix}} {{.At.UnixMilli}} {{.At.UnixMicro}}'), '1795328563 1795328563005 1795328563005603');
  assert.equal(show('{{.At.UnixNano}} {{json .At.UnixNano}}'), '1795328563005603608 1795328563005603608');
  assert.equal(show('{{printf "%d" .At.UnixNano}}'), '1795328563005603608');
  assert.equal(show('{{.At.Year}} {{.At.Month}} {{.At.Day}} {{.At.Weekday}}'), '2026 November 22 Sunday');
  assert.equal(show('{{.At.Hour}}:{{.At.Minute}}:{{.At.Second}} {{.At.Nanosecond}}'), '6:22:43 5603608');
  assert.equal(show('{{.At.YearDay}} {{.At.IsZero}} {{.At.UTC.Hour}}'), '326 false 6');
  assert.equal(show('{{.At.String}} {{.At}}'), `2026-11-22 06:22:43.005603608 +0000 UTC `.repeat(2).trimEnd());
});

test('a time that never was is in the year 1', () => {
  const never = '0001-01-01T00:00:00Z';
  assert.equal(show('{{.At}} {{.At.Unix}} {{.At.IsZero}}', never), '0001-01-01 00:00:00 +0000 UTC -62135596800 true');
});

test('a time is written after a layout', () => {
  assert.equal(
    show('{{.At.Format "Mon Jan _2 15:04:05.000 MST 2006 -0700 Z07:00 .999999999 PM 3:4:5 pm"}}'),
    'Sun Nov 22 06:22:43.005 UTC 2026 +0000 Z .005603608 AM 6:22:43 am',
  );
  assert.equal(
    show('{{.At.Format "Monday, 02-January-06 03h 002 __2 Month 1"}}'),
    'Sunday, 22-November-26 06h 326 326 Month 11',
  );
  assert.equal(show('{{.At.Format "20060102-150405,000000 -07 -07:00:00"}}'), '20261122-062243,005603 +00 +00:00:00');
  assert.equal(show('{{.At.Format "05.999 05.9"}}', '2026-11-22T06:22:43.5Z'), '43.5 43.5');
  assert.equal(show('{{.At.Format "05.999|3PM"}}', '2026-11-22T12:22:43Z'), '43|12PM');
  assert.throws(() => show('{{.At.Format}}'), /gives "Format" no layout/);
});

test('a time keeps its zone until it is asked for UTC', () => {
  const east = '2026-01-01T00:30:00+05:30';
  assert.equal(show('{{.At}} {{.At.UTC}}', east), '2026-01-01 00:30:00 +0530 +0530 2025-12-31 19:00:00 +0000 UTC');
  assert.equal(show('{{.At.Unix}} {{.At.Format "Z07:00 Z0700 -07"}}', east), '1767207600 +05:30 +0530 +05');
  assert.equal(show('{{.At.Format "-07:00"}} {{.At.UTC.YearDay}}', '2024-12-31T12:00:00-03:00'), '-03:00 366');
});

test('times are compared, and one is taken from another', () => {
  assert.equal(show('{{.At.Sub .Other}} {{.Other.Sub .At}}'), '1m1.505604s -1m1.505604s');
  assert.equal(show('{{.At.After .Other}} {{.At.Before .Other}} {{.At.Equal .At}}'), 'true false true');
  assert.equal(show('{{gt .At.UnixNano .Other.UnixNano}} {{lt .At.Unix .Other.UnixNano}}'), 'true true');
  assert.throws(() => show('{{.At.Sub 5}}'), /compares a time with what is none/);
});

test('a time has no other fields, and is RFC 3339 as JSON', () => {
  assert.throws(() => show('{{.At.Nonsense}}'), /there is no field "Nonsense"/);
  assert.equal(show('{{json .At}}{{if .At}} yes{{end}}'), '"2026-11-22T06:22:43.005603608Z" yes');
  assert.equal(show('{{.At}}', 'long ago'), 'long ago');
});
