import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TspodError } from '../../../src/errors.ts';
import { refuseNul } from '../../../src/plan/complete-text.ts';
import { encodeOps } from '../../../src/plan/ops.ts';

const process = {
  ...{
    entrypoint: [],
    command: ['ls'],
    env: [],
    workdir: '/',
    makeWorkdir: false,
    user: '',
    groups: [],
    tty: false,
    stdin: false,
  },
  ...{ umask: 0, ulimits: [], init: false, preserveFds: 0 },
};

test('a NUL in what an image says is refused with the field, the value and what to give instead', () => {
  for (const [field, own, image, remedy] of [
    ['Entrypoint', { entrypoint: ['a\0b'] }, { Entrypoint: ['a\0b'] }, 'tspod run --entrypoint PROGRAM web'],
    ['Cmd', { command: ['a\0b'] }, { Cmd: ['a\0b'] }, 'tspod run web COMMAND'],
    ['Env', { env: ['a\0b'] }, { Env: ['a\0b'] }, 'tspod run --unsetenv NAME web'],
    ['WorkingDir', { workdir: 'a\0b' }, { WorkingDir: 'a\0b' }, 'tspod run --workdir / web'],
    ['User', { user: 'a\0b' }, { User: 'a\0b' }, 'tspod run --user 0 web'],
  ] as const) {
    assert.throws(
      () => refuseNul({ process: { ...process, ...own }, mounts: [] }, image, 'web'),
      (error: unknown) =>
        error instanceof TspodError &&
        error.message === `the image "web" has a NUL in its ${field}, "a\\u0000b", which no container can have` &&
        error.remedy === remedy,
    );
  }
});

test('what the image says and the container does not use may hold a NUL, what the user says may not', () => {
  refuseNul({ process, mounts: [] }, { Cmd: ['a\0b'] }, 'web');
  const own = { ...process, env: ['A=\0'] };
  assert.throws(() => refuseNul({ process: own, mounts: [] }, {}, 'web'), /^UsageError: "A=\\u0000" holds a NUL$/);
});

test('a NUL never comes among the ops, and is not quoted there', () => {
  assert.throws(
    () => encodeOps([['env', 'TOKEN=hunter2\0']]),
    (error: unknown) => error instanceof TspodError && !error.message.includes('hunter2'),
  );
});
