import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.ts';
import { changeHealth, completeHealth, healthOps } from '../../../src/plan/healthcheck.ts';

const NANOSECONDS = 1e9;
const ofImage = {
  Test: ['CMD-SHELL', 'test -f /ok'],
  Interval: 5 * NANOSECONDS,
  Timeout: 2 * NANOSECONDS,
  StartPeriod: 3 * NANOSECONDS,
  Retries: 4,
};

test('a command alone has the defaults of Podman', () => {
  assert.deepEqual(completeHealth({ test: ['CMD', 'true'] }, undefined), {
    test: ['CMD', 'true'],
    intervalMs: 30_000,
    timeoutMs: 30_000,
    startPeriodMs: 0,
    retries: 3,
    onFailure: 'none',
  });
});

test("the image's check is taken, and flags change what they name", () => {
  const expected = {
    test: ['CMD-SHELL', 'test -f /ok'],
    intervalMs: 5000,
    timeoutMs: 2000,
    startPeriodMs: 3000,
    retries: 4,
    onFailure: 'none',
  };
  assert.deepEqual(completeHealth(undefined, ofImage), expected);
  assert.deepEqual(completeHealth({ intervalMs: 0, onFailure: 'kill' }, ofImage), {
    ...expected,
    intervalMs: 0,
    onFailure: 'kill',
  });
});

test('there is no check without a command, or when it is switched off', () => {
  assert.equal(completeHealth(undefined, undefined), undefined);
  assert.equal(completeHealth({ retries: 2 }, undefined), undefined);
  assert.equal(completeHealth(undefined, { ...ofImage, Test: ['NONE'] }), undefined);
  assert.equal(completeHealth('disabled', ofImage), undefined);
  assert.throws(() => completeHealth({ startup: { test: ['CMD', 'true'] } }, undefined), UsageError);
});

test('the monitor is told times in milliseconds and a command line', () => {
  const health = completeHealth({ startup: { test: ['CMD', 'up'], retries: 7 } }, ofImage);
  assert.deepEqual(healthOps(health), [
    ['health', 5000, 2000, 3000, 4, 'none', '/bin/sh', '-c', 'test -f /ok'],
    ['health-startup', 30_000, 30_000, 7, 0, 'up'],
    ['health-log', 5, 500],
  ]);
  assert.deepEqual(healthOps(undefined), []);
});

test('results are kept as many as asked for, and 0 is as many as there may be', () => {
  const logOf = (logCount: number, logSize: number) =>
    healthOps(completeHealth({ test: ['CMD', 'true'], logCount, logSize }, undefined)).at(-1);
  assert.deepEqual(logOf(7, 100), ['health-log', 7, 100]);
  assert.deepEqual(logOf(0, 0), ['health-log', 1000, 65_536]);
});

test('an update changes what it names, and leaves the rest of a check as it is', () => {
  const health = completeHealth({ startup: { test: ['CMD', 'up'], retries: 7 } }, ofImage);
  assert.ok(health?.startup);
  const container = { name: 'web', health };
  const { startup } = health;
  assert.deepEqual(changeHealth(container, { intervalMs: 0, logCount: 0, startup: { retries: 2 } }), {
    ...health,
    intervalMs: 0,
    logCount: 1000,
    startup: { ...startup, retries: 2 },
  });
  assert.deepEqual(changeHealth(container, { test: ['CMD', 'true'] }), { ...health, test: ['CMD', 'true'] });
  assert.equal(changeHealth(container, 'disabled'), undefined);
});

test('an update gives a container a check, and changes none that is not there', () => {
  const container = { name: 'web' };
  const health = completeHealth({ test: ['CMD', 'true'], retries: 2 }, undefined);
  assert.deepEqual(changeHealth(container, { test: ['CMD', 'true'], retries: 2 }), health);
  assert.throws(() => changeHealth(container, { retries: 2 }), /"web" has no health check/);
  assert.throws(
    () => changeHealth({ name: 'web', ...(health && { health }) }, { startup: { retries: 2 } }),
    /"web" has no startup health check/,
  );
});
