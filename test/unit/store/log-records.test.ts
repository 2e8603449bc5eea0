import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { LogDriver } from '../../../src/model/log.ts';
import { openLogFiles, type LogFile } from '../../../src/store/log-file.ts';
import { readRecords, seekLastLines } from '../../../src/store/log-records.ts';

const TIME = '2026-11-20T10:00:00.000000000+00:00';

function logOf(
  t: TestContext,
  content: string | Buffer,
  driver: LogDriver = 'k8s-file',
): { path: string; file: LogFile } {
  const directory = mkdtempSync(join(tmpdir(), 'tspod-log-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'ctr.log');
  writeFileSync(path, content);
  const [file] = openLogFiles({ path, driver });
  assert.ok(file);
  return { path, file };
}

const texts = (file: LogFile) =>
  [...readRecords(file)].map(({ text, stream, isWhole }) => `${stream} ${isWhole ? 'F' : 'P'} ${text.toString()}`);

test('records of both streams come in order, binary bytes and empty lines included', (t) => {
  const { file } = logOf(
    t,
    Buffer.concat([
      Buffer.from(`${TIME} stdout F a b\n${TIME} stderr P par\n${TIME} stderr F t\n${TIME} stdout F `),
      Buffer.from([0xff, 0, 0x0a]),
    ]),
  );
  const records = [...readRecords(file)];
  assert.deepEqual(
    records.map(({ stream, isWhole }) => [stream, isWhole]),
    [
      ['stdout', true],
      ['stderr', false],
      ['stderr', true],
      ['stdout', true],
    ],
  );
  assert.deepEqual(
    records.map(({ text }) => [...text]),
    [[97, 32, 98], [112, 97, 114], [116], [255, 0]],
  );
  assert.equal(records[0]?.time.toString(), TIME);
});

test('a line that is being written is read when it is complete', (t) => {
  const { path, file } = logOf(t, `${TIME} stdout F one\n${TIME} stdout F tw`);
  assert.deepEqual(texts(file), ['stdout F one']);
  appendFileSync(path, 'o\n');
  assert.deepEqual(texts(file), ['stdout F two']);
  assert.deepEqual(texts(file), []);
});

test('a json-file log is read, a torn line in it skipped', (t) => {
  const line = (log: string) =>
    `${JSON.stringify({ log, stream: 'stderr', time: '2026-11-20T10:00:00.000000000Z' })}\n`;
  const { file } = logOf(t, `${line('a "quoted"\n')}{"log":"to\n${line('part')}`, 'json-file');
  assert.deepEqual(texts(file), ['stderr F a "quoted"', 'stderr P part']);
});

test('the last lines are found, those in several pieces count once', (t) => {
  const { file } = logOf(t, ['F a', 'P b1', 'P b2', 'F b3', 'F c'].map((rest) => `${TIME} stdout ${rest}\n`).join(''));
  assert.equal(seekLastLines(file, 2), 2);
  assert.deepEqual(texts(file), ['stdout P b1', 'stdout P b2', 'stdout F b3', 'stdout F c']);
  assert.equal(seekLastLines(file, 9), 3);
  assert.equal(texts(file).length, 5);
  assert.equal(seekLastLines(file, 0), 0);
  assert.deepEqual(texts(file), []);
});

test('a line that begins in the file before counts there', (t) => {
  const { file: before } = logOf(t, ['F a', 'P b1'].map((rest) => `${TIME} stdout ${rest}\n`).join(''));
  const { file } = logOf(t, ['F b2', 'F c', 'F d'].map((rest) => `${TIME} stdout ${rest}\n`).join(''));
  assert.equal(seekLastLines(file, 1, before), 1);
  assert.deepEqual(texts(file), ['stdout F d']);
  assert.equal(seekLastLines(file, 9, before), 2);
  assert.deepEqual(texts(file), ['stdout F b2', 'stdout F c', 'stdout F d']);
  assert.equal(seekLastLines(before, 1), 1);
  assert.deepEqual(texts(before), ['stdout P b1']);
});

test('the last lines of a long log are found', (t) => {
  const { file } = logOf(
    t,
    Array.from({ length: 20_000 }, (_, index) => `${TIME} stdout F line ${index} ${'x'.repeat(index % 97)}\n`).join(''),
  );
  assert.equal(seekLastLines(file, 5000), 5000);
  const found = texts(file);
  assert.equal(found.length, 5000);
  assert.match(found[0] ?? '', /^stdout F line 15000 /);
});

test('a line of 3 MiB survives', (t) => {
  const { file } = logOf(t, `${TIME} stdout F ${'y'.repeat(3 << 20)}\n`);
  const [record] = readRecords(file);
  assert.equal(record?.text.length, 3 << 20);
});
