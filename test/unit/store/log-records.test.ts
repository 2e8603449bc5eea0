import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { LogDriver, LogRecord } from '../../../src/model/log.ts';
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

const describeRecord = ({ text, stream, isWhole }: LogRecord) => `${stream} ${isWhole ? 'F' : 'P'} ${text.toString()}`;

const texts = (file: LogFile) => [...readRecords(file)].map((record) => describeRecord(record));

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

const logLines = (...rests: string[]) => rests.map((rest) => `${TIME} ${rest}\n`).join('');

/** What `logs --tail` reads. */
function lastTexts(files: readonly LogFile[], count: number): string[] {
  for (const file of files) file.position = 0;
  const pieces = seekLastLines(files, count);
  return [...pieces.map((record) => describeRecord(record)), ...files.flatMap(texts)];
}

test('the last lines are found, those in several pieces count once', (t) => {
  const { file } = logOf(t, logLines('stdout F a', 'stdout P b1', 'stdout P b2', 'stdout F b3', 'stdout F c'));
  assert.deepEqual(lastTexts([file], 2), ['stdout P b1', 'stdout P b2', 'stdout F b3', 'stdout F c']);
  assert.equal(lastTexts([file], 3).length, 5);
  assert.equal(lastTexts([file], 9).length, 5);
  assert.deepEqual(lastTexts([file], 0), []);
});

test('a line is whole among the last ones, also with lines of the other stream between its pieces', (t) => {
  const { file } = logOf(
    t,
    logLines('stdout F a', 'stdout P b1', 'stderr F e', 'stdout P b2', 'stdout F b3', 'stdout F c'),
  );
  assert.deepEqual(lastTexts([file], 2), ['stdout P b1', 'stdout P b2', 'stdout F b3', 'stdout F c']);
  assert.deepEqual(lastTexts([file], 3), ['stdout P b1', 'stderr F e', 'stdout P b2', 'stdout F b3', 'stdout F c']);
  assert.equal(lastTexts([file], 4).length, 6);
});

test('a line that is being written when the last ones are looked for is read when it is complete', (t) => {
  const { path, file } = logOf(t, `${logLines('stdout F a', 'stdout F b')}${TIME} stdout F c`);
  assert.deepEqual(lastTexts([file], 1), ['stdout F b']);
  appendFileSync(path, '\n');
  assert.deepEqual(texts(file), ['stdout F c']);
  assert.deepEqual(lastTexts([file], 0), []);
});

test('a line that begins in the file before is whole', (t) => {
  const { file: first } = logOf(t, logLines('stdout F a', 'stdout P b1'));
  const { file: second } = logOf(t, logLines('stderr F e'));
  const { file: third } = logOf(t, logLines('stdout F b2', 'stdout F c', 'stdout F d'));
  const files = [first, second, third];
  assert.deepEqual(lastTexts(files, 1), ['stdout F d']);
  assert.deepEqual(lastTexts(files, 3), ['stdout P b1', 'stdout F b2', 'stdout F c', 'stdout F d']);
  assert.deepEqual(lastTexts(files, 4), ['stdout P b1', 'stderr F e', 'stdout F b2', 'stdout F c', 'stdout F d']);
  assert.deepEqual(lastTexts([first, second], 2), ['stdout P b1', 'stderr F e']);
});

test('the last lines of a long log are found', (t) => {
  const content = Array.from({ length: 60_000 }, (_, n) => `stdout F line ${n} ${'x'.repeat(n % 97)}`);
  const { file } = logOf(t, logLines(...content));
  for (const count of [1, 700, 5000, 59_999, 60_000]) {
    assert.deepEqual(lastTexts([file], count), content.slice(-count));
  }
});

test('the last line is found where it is longer than what is read at once', (t) => {
  const { file } = logOf(t, logLines('stdout F a', `stdout F ${'y'.repeat(3 << 20)}`));
  assert.equal(lastTexts([file], 1)[0]?.length, 'stdout F '.length + (3 << 20));
});

test('a line of 3 MiB survives', (t) => {
  const { file } = logOf(t, `${TIME} stdout F ${'y'.repeat(3 << 20)}\n`);
  const [record] = readRecords(file);
  assert.equal(record?.text.length, 3 << 20);
});
