import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

/** .ci/run starts this as alice and as bob at the same time; they meet in a directory where both may write. */
const peer = process.env['TSPOD_TEST_PEER'];
const skip = peer ? false : 'needs "peer": .ci/run starts this as two users at once';

/** Of each user at once; TSPOD_TEST_MOMENTS=50 for a hundred of both. Emulated, each takes ten times as long. */
const RUNS = Number(process.env['TSPOD_TEST_MOMENTS'] ?? (process.env['TESTBED'] === '1' ? 8 : 50));

/** Wait until the other user has come to the same point. */
async function arrive(point: string): Promise<void> {
  const meeting = process.env['TESTBED_OUT'] ?? '/tmp';
  const met = (name: string) => join(meeting, `two-users-${point}-${name}`);
  writeFileSync(met(userInfo().username), '');
  await eventually(() => ['alice', 'bob'].every((name) => existsSync(met(name))), `both are ${point}`);
}

test(
  "two users at once: both containers of the same name work, and neither user sees the other's",
  { skip },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { username } = userInfo();
    const flags = ['--name', 'mine', '--network', 'none', '-e', `WHO=${username}`];
    const id = await tspod.ok('run', '-d', ...flags, 'busybox', 'sleep', '1000');
    await arrive('running');
    assert.equal(await tspod.ok('ps', '--all', '--quiet', '--no-trunc'), id);
    assert.equal(await tspod.ok('exec', 'mine', 'sh', '-c', 'echo $WHO'), username);
    await arrive('checked');
    await tspod.ok('rm', '--force', '--time', '0', 'mine');
  },
);

test(
  'two users run many containers at once: each has its own output and status, and leaves nothing',
  { skip },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    await arrive('ready');
    const numbers = Array.from({ length: RUNS }, (_, index) => index);
    const run = (number: number) =>
      tspod(
        'run',
        '--rm',
        '--network',
        'none',
        'busybox',
        'sh',
        '-c',
        `echo ${String(number)}; exit ${String(number)}`,
      );
    const results = await Promise.all(numbers.map(run));
    assert.deepEqual(
      results.map(({ stdout, exitCode, stderr }) => [stdout, exitCode, stderr]),
      numbers.map((number) => [String(number), number, '']),
    );
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
    await arrive('done');
  },
);
