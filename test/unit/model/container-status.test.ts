import assert from 'node:assert/strict';
import test from 'node:test';
import {
  deriveStatus,
  isRestartDue,
  type Evidence,
  type ExitRecord,
  type InitRecord,
} from '../../../src/model/container-status.ts';

const init: InitRecord = {
  pid: 4711,
  startTime: 100,
  bootId: 'this-boot',
  startedAt: '2026-11-20T10:00:00Z',
  monitorPid: 4700,
  monitorStartTime: 99,
  restartCount: 0,
  cgroup: '',
};
const exit: ExitRecord = {
  exitCode: 0,
  signal: 0,
  oomKilled: false,
  startedAt: '2026-11-20T10:00:00Z',
  finishedAt: '2026-11-20T10:00:05Z',
  restartCount: 0,
  stoppedByUser: false,
};
const nothing: Evidence = {
  initAlive: false,
  monitorAlive: false,
  frozen: false,
  restartDue: false,
  prepared: false,
  bootId: 'this-boot',
};

const CASES: readonly [string, Evidence, string][] = [
  ['a container that never ran is created', nothing, 'created'],
  ['one that is prepared for its start is initialized', { ...nothing, prepared: true }, 'initialized'],
  ['a live init is running', { ...nothing, init, initAlive: true, monitorAlive: true }, 'running'],
  ['a live init in a frozen cgroup is paused', { ...nothing, init, initAlive: true, frozen: true }, 'paused'],
  [
    'a dead init below a live monitor that starts it again is restarting',
    { ...nothing, init, exit, monitorAlive: true, restartDue: true },
    'restarting',
  ],
  ['a dead init whose exit is not recorded yet is stopping', { ...nothing, init, monitorAlive: true }, 'stopping'],
  [
    'a recorded exit that no policy undoes is exited, also while the monitor ends',
    { ...nothing, init, exit, monitorAlive: true },
    'exited',
  ],
  ['an exit record without a process is exited', { ...nothing, init, exit }, 'exited'],
  [
    'an init of an earlier boot has exited by the reboot',
    { ...nothing, init: { ...init, bootId: 'other-boot' } },
    'exited',
  ],
  ['an init of this boot without an exit record is unknown: its monitor was killed', { ...nothing, init }, 'unknown'],
];

for (const [sentence, evidence, status] of CASES) {
  test(sentence, () => assert.equal(deriveStatus(evidence), status));
}

test('on-failure restarts a failure until its retries are used up', () => {
  const policy = { name: 'on-failure', maxRetries: 2 } as const;
  assert.equal(isRestartDue(policy, { ...exit, exitCode: 1, restartCount: 1 }), true);
  assert.equal(isRestartDue(policy, { ...exit, exitCode: 1, restartCount: 2 }), false);
  assert.equal(isRestartDue(policy, { ...exit, exitCode: 0 }), false);
});

test('a container that its user stopped is not restarted', () => {
  assert.equal(isRestartDue({ name: 'always' }, { ...exit, stoppedByUser: true }), false);
});
