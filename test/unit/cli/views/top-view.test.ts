import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTopColumns } from '../../../../src/cli/views/top-view.ts';
import type { ProcessRecord } from '../../../../src/model/process-record.ts';

const ids = { realUser: 'root', group: 'wheel', realGroup: 'root', groups: ['wheel', '7'] };
const shell: ProcessRecord = {
  pid: 1,
  ppid: 0,
  pgid: 1,
  hostPid: 4711,
  hostIds: { user: 1000, realUser: 1000, group: 1000, realGroup: 1000, groups: [1000] },
  users: { user: 'www', ...ids },
  comm: 'sh',
  args: ['sh', '-c', 'a\u001b[2J'],
  state: 'S',
  nice: 0,
  tty: 'pts/0',
  cpuMs: 1500,
  elapsedMs: 3_690_250,
  virtualSize: 2_322_432,
  residentSize: 1_392_640,
  capabilities: { ambient: '0', bounding: '1ffffffffff', effective: '401', inheritable: '0', permitted: '0' },
  seccomp: 2,
};
const nowMs = Date.parse('2026-11-20T12:00:00.500Z');
const show = (...words: string[]) => parseTopColumns(words).map(({ cell }) => cell(shell, nowMs));
const headings = (...words: string[]) => parseTopColumns(words).map(({ heading }) => heading);

test("without descriptors there are Podman's columns", () => {
  assert.deepEqual(headings(), ['USER', 'PID', 'PPID', '%CPU', 'ELAPSED', 'TTY', 'TIME', 'COMMAND']);
  assert.deepEqual(show(), ['www', '1', '0', '0.041', '1h1m30.25s', 'pts/0', '1.5s', 'sh -c a?[2J']);
});

test('descriptors stand apart or with commas, by name or by the code of AIX', () => {
  assert.deepEqual(show('pid,comm', '%C', 'hpid'), ['1', 'sh', '0.041', '4711']);
});

test('capabilities have names, none and full', () => {
  assert.deepEqual(show('capamb', 'capeff', 'capbnd'), ['none', 'CHOWN,NET_BIND_SERVICE', 'full']);
});

test('seccomp, groups, start and sizes', () => {
  assert.deepEqual(show('seccomp', 'groups', 'huser', 'stime', 'vsz', 'rss', 'label'), [
    'filter',
    'wheel,7',
    '1000',
    '2026-11-20 10:58:30 +0000 UTC',
    '2268',
    '1360',
    '?',
  ]);
});

test('what one types for ps stands for its columns', () => {
  assert.deepEqual(headings('-ef'), ['USER', 'PID', 'PPID', '%CPU', 'STIME', 'TTY', 'TIME', 'COMMAND']);
  assert.deepEqual(headings('-o', 'pid,args'), ['PID', 'COMMAND']);
});

test('an unknown descriptor lists those there are', () => {
  assert.throws(() => parseTopColumns(['pid', 'nice,pit']), {
    message: /there is no descriptor "pit"/,
    remedy: /There are: args, capamb, .*, vsz$/,
  });
});
