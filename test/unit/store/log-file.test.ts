import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  closeLogFile,
  isCurrentLogFile,
  openLogFiles,
  openNextLogFile,
  type LogPlace,
} from '../../../src/store/log-file.ts';
import { readRecords } from '../../../src/store/log-records.ts';

/** A log whose files hold their own numbers. */
function logOf(t: TestContext, ...numbers: number[]): LogPlace & { readonly write: (number?: number) => void } {
  const directory = mkdtempSync(join(tmpdir(), 'tspod-log-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'ctr.log');
  const write = (number?: number) =>
    writeFileSync(
      number === undefined ? path : `${path}.${String(number)}`,
      `2026-11-20T10:00:00.000000000+00:00 stdout F ${String(number ?? 'current')}\n`,
    );
  for (const number of numbers) write(number);
  return { path, driver: 'k8s-file', write };
}

const textsOf = (files: ReturnType<typeof openLogFiles>) =>
  files.flatMap((file) => [...readRecords(file)].map(({ text }) => text.toString()));

test('the files of a log are read in the order in which they were put aside', (t) => {
  const log = logOf(t, 9, 10, 8);
  log.write();
  for (const name of ['.2026-11-20', '.09', '.x', '.0', '-1']) writeFileSync(log.path + name, 'none of ours\n');
  assert.deepEqual(textsOf(openLogFiles(log)), ['8', '9', '10', 'current']);
});

test('a log that is not there has no files', (t) => {
  const { path } = logOf(t);
  assert.deepEqual(openLogFiles({ path, driver: 'k8s-file' }), []);
  assert.deepEqual(openLogFiles({ path: `${path}/no/such`, driver: 'k8s-file' }), []);
});

test('after a rotation the next file is the one that is written', (t) => {
  const log = logOf(t, 1);
  log.write();
  const file = openLogFiles(log).at(-1);
  assert.ok(file && isCurrentLogFile(file, log));
  renameSync(log.path, `${log.path}.2`);
  assert.deepEqual(openNextLogFile(log, file.number), { file: undefined, missed: 0 });
  log.write();
  assert.equal(isCurrentLogFile(file, log), false);
  const { file: next, missed } = openNextLogFile(log, file.number);
  assert.ok(next);
  assert.deepEqual([textsOf([next]), next.number, missed], [['current'], 3, 0]);
});

test('after several it is the one that was put aside next, and removed ones are counted', (t) => {
  const log = logOf(t, 4, 5, 6);
  log.write();
  const found = ([3, 2, 1] as const).map((number) => openNextLogFile(log, number));
  assert.deepEqual(
    found.map(({ file, missed }) => [file?.number, missed]),
    [
      [4, 0],
      [4, 1],
      [4, 2],
    ],
  );
});

test('a reader passes over no file of a log that is rotated while its directory is read', (t) => {
  const log = logOf(t);
  const count = 10_000;
  const script = `
    const { renameSync, writeFileSync } = require('node:fs');
    const [path] = process.argv.slice(1);
    for (let n = 1; n <= ${count}; n += 1) {
      writeFileSync(path, '');
      renameSync(path, path + '.' + n);
    }`;
  const writer = spawn(process.execPath, ['-e', script, log.path], { stdio: 'inherit' });
  t.after(() => writer.kill());
  const deadline = Date.now() + 120_000;
  for (let read = 0; read < count;) {
    assert.ok(Date.now() < deadline, `no more than ${read} files were written`);
    const { file, missed } = openNextLogFile(log, read);
    if (!file) continue;
    closeLogFile(file);
    assert.equal(missed, 0, `of the files after ${read}`);
    read = file.number;
  }
});
