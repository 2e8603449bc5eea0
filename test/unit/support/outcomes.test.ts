import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTap } from '../../support/native-tests.ts';
import { closingLine, failureSummary } from '../../support/outcomes.ts';
import { findForbiddenSkips } from '../../support/skips.ts';

test('a skip is allowed on the kind of host that is known to lack the feature, and on no other', () => {
  const skips = [
    { name: 'run --memory limits the container', reason: 'needs "cgroup:memory": no user manager answers' },
    { name: 'run shows hello', reason: 'true' },
  ];
  assert.deepEqual(findForbiddenSkips(skips, 'plain'), [{ name: 'run shows hello', reason: 'true' }]);
  assert.deepEqual(findForbiddenSkips(skips, 'testbed'), skips);
});

test('TAP lines are counted by what they say', () => {
  const tap = '1..4\nok 1 - one\nnot ok 2 - two\nok 3 - three # SKIP no seccomp\nok 4 - four\n';
  assert.deepEqual(readTap('run.test', tap, 1), {
    passed: 2,
    failures: [{ name: 'run.test: two', report: '' }],
    skips: [{ name: 'three', reason: 'no seccomp' }],
  });
});

test('a native test that dies before its plan is done has failed', () => {
  assert.deepEqual(readTap('run.test', '1..2\nok 1 - one\n', null), {
    passed: 1,
    failures: [{ name: 'run.test', report: 'ended by a signal after 1 of its tests' }],
    skips: [],
  });
  assert.equal(readTap('run.test', 'ok 1 - one\n', 139).failures.length, 1);
});

test('the closing line is the one that .ci/run adds up, and before it stands what failed', () => {
  const failures = [
    { name: 'one', report: 'Error: no\n\n  at all' },
    { name: 'run.test: two', report: '' },
  ];
  const outcomes = { passed: 12, failures, skips: [{ name: 'a', reason: 'b' }] };
  assert.equal(closingLine(outcomes), '12 passed, 2 failed, 1 skipped');
  assert.equal(failureSummary(outcomes), 'failed: one\n    Error: no\n    \n      at all\n\nfailed: run.test: two\n\n');
});
