import assert from 'node:assert/strict';
import test from 'node:test';
import { explainClientStep } from '../../../src/plan/client-sentences.ts';

test('a container that has ended meanwhile is no riddle', () => {
  assert.match(explainClientStep('connect', 111)?.message ?? '', /not running any more/);
  assert.match(explainClientStep('connect', 13)?.message ?? '', /permission denied/);
});

test('a killed monitor is named', () => {
  assert.match(explainClientStep('monitor', 104)?.message ?? '', /monitor was killed/);
});

test('a full disk behind standard output is named', () => {
  assert.match(explainClientStep('write', 28)?.message ?? '', /no space left on device/);
});

test('a client that was left behind learns what to do', () => {
  assert.match(explainClientStep('attach', 62)?.remedy ?? '', /tspod logs CONTAINER; tspod attach CONTAINER/);
});

test('the steps of the monitor are explained elsewhere', () => {
  assert.equal(explainClientStep('exec', 2), undefined);
});
