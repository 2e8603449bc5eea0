import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastLines } from '../../../src/model/last-lines.ts';
import type { LogRecord } from '../../../src/model/log.ts';

/** `oF` is the end of a line of stdout, `eP` a piece of one of stderr. */
function recordOf(word: string): LogRecord {
  const [stream, kind] = word;
  return {
    time: Buffer.alloc(0),
    stream: stream === 'o' ? 'stdout' : 'stderr',
    text: Buffer.alloc(0),
    isWhole: kind === 'F',
  };
}

/** The log with a `*` at each record that belongs to the last lines, and `|` behind what was not looked at. */
function mark(log: string, count: number): string {
  const lines = new LastLines(count);
  const words = log.split(' ');
  const marked: string[] = [];
  for (const word of [...words].reverse()) {
    if (lines.isOver) break;
    marked.unshift(lines.has(recordOf(word)) ? `${word}*` : word);
  }
  const left = words.slice(0, words.length - marked.length);
  return [...left, ...(left.length > 0 ? ['|'] : []), ...marked].join(' ');
}

test('the last lines are those that ended last', () => {
  assert.equal(mark('oF oF eF oF', 2), 'oF oF eF* oF*');
  assert.equal(mark('oF oF', 2), 'oF* oF*');
  assert.equal(mark('oF oF', 0), 'oF | oF');
});

test('the pieces of a line belong to it, what the other stream has between them not', () => {
  assert.equal(mark('oF oP eF oP oF', 1), 'oF oP* eF oP* oF*');
  assert.equal(mark('oF oP eP oP eF oF', 1), 'oF oP* eP oP* eF oF*');
  assert.equal(mark('eF oP eF oP eF oF oF', 2), 'eF oP* eF oP* eF oF* oF*');
});

test('what a stream has not ended yet counts as a line', () => {
  assert.equal(mark('oF eF eP oP', 1), 'oF eF eP oP*');
  assert.equal(mark('oF eF eP oP', 2), 'oF eF eP* oP*');
  assert.equal(mark('oF oP oP', 1), 'oF oP* oP*');
});

test('nothing is looked for where the other stream has none of the last lines', () => {
  assert.equal(mark('eF oF oF oF oF', 2), 'eF oF | oF oF* oF*');
});

test('the beginning of a line is not looked for for ever', () => {
  const lines = new LastLines(1);
  assert.equal(lines.has(recordOf('oF')), true);
  let lookedAt = 0;
  for (; !lines.isOver; lookedAt += 1) assert.equal(lines.has(recordOf('eF')), false);
  assert.equal(lookedAt, 1025);
});
