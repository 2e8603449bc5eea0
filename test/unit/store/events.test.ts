import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { choosePaths } from '../../../src/host/paths.ts';
import { EventReader } from '../../../src/store/event-file.ts';
import { eventsPath, olderEventsPath, recordVolumeEvent } from '../../../src/store/events.ts';

function emptyStore(t: TestContext): void {
  const root = mkdtempSync(join(tmpdir(), 'tspod-events-'));
  t.after(() => rmSync(root, { recursive: true }));
  choosePaths({ root });
}

const names = (reader: EventReader) => [...reader.read()].map(({ Name }) => Name);

test('a reader sees each event once, in order, and those after a rotation', async (t) => {
  emptyStore(t);
  await recordVolumeEvent('a', 'create');
  using reader = new EventReader();
  await recordVolumeEvent('b', 'create');
  assert.deepEqual(names(reader), ['a', 'b']);
  await recordVolumeEvent('c', 'create');
  renameSync(eventsPath(), olderEventsPath());
  await recordVolumeEvent('d', 'create');
  assert.deepEqual(names(reader), ['c', 'd']);
  appendFileSync(olderEventsPath(), readFileSync(eventsPath())); // By one who had opened it before the rotation.
  assert.deepEqual(names(reader), ['d']);
});

test('a reader sees what comes, also when there was no file yet', async (t) => {
  emptyStore(t);
  using reader = new EventReader();
  assert.deepEqual(names(reader), []);
  await recordVolumeEvent('a', 'create');
  await recordVolumeEvent('b', 'create');
  assert.deepEqual(names(reader), ['a', 'b']);
});

test('a line that is damaged is left out, one that is not whole waits for its end', async (t) => {
  emptyStore(t);
  await recordVolumeEvent('a', 'create');
  const line = readFileSync(eventsPath(), 'utf8');
  appendFileSync(eventsPath(), `{"Name":"half\n${line.slice(0, 20)}`);
  using reader = new EventReader();
  assert.deepEqual(names(reader), ['a']);
  appendFileSync(eventsPath(), line.slice(20));
  assert.deepEqual(names(reader), ['a']);
});

test('an event after a line that a full disk has cut off is a line of its own', async (t) => {
  emptyStore(t);
  await recordVolumeEvent('a', 'create');
  appendFileSync(eventsPath(), '{"Name":"half');
  await recordVolumeEvent('b', 'create');
  using reader = new EventReader();
  assert.deepEqual(names(reader), ['a', 'b']);
});

test('the file is bounded, and the newest events are kept', async (t) => {
  emptyStore(t);
  for (let count = 0; !existsSync(olderEventsPath()); count++) await recordVolumeEvent(`v${count}`, 'create');
  await recordVolumeEvent('last', 'create');
  using reader = new EventReader();
  assert.equal(names(reader).at(-1), 'last');
  assert.equal(readFileSync(eventsPath(), 'utf8').split('\n').length, 2);
});
