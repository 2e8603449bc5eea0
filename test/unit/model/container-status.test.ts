import assert from 'node:assert/strict';
import test from 'node:test';
import { deriveStatus, type Evidence, type ExitRecord, type InitRecord } from '../../../src/model/container-status.ts';

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
  restarting: false,
};
const nothing: Evidence = {
  initAlive: false,
  monitorAlive: false,
  frozen: false,
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
    { ...nothing, init, exit: { ...exit, restarting: true }, monitorAlive: true },
    'restarting',
  ],
  ['a dead init whose exit is not recorded yet is stopping', { ...nothing, init, monitorAlive: true }, 'stopping'],
  [
    'a recorded exit that is the last one is exited, also while the monitor ends',
    { ...nothing, init, exit, monitorAlive: true },
    'exited',
  ],
  ['an exit record without a process is exited', { ...nothing, init, exit }, 'exited'],
  [
    'one that was to be started again has exited when its monitor was killed',
    { ...nothing, init, exit: { ...exit, restarting: true } },
    'exited',
  ],
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
