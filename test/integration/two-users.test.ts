import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

/** .ci/run starts this as alice and as bob at the same time; they meet in a directory where both may write. */
const peer = process.env['TSPOD_TEST_PEER'];
const skip = peer ? false : 'needs "peer": .ci/run starts this as two users at once';

test(
  "two users at once: both containers of the same name work, and neither user sees the other's",
  { skip },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { username } = userInfo();
    const meeting = process.env['TESTBED_OUT'] ?? '/tmp';
    const met = (name: string, point: string) => join(meeting, `two-users-${point}-${name}`);
    const arrive = async (point: string) => {
      writeFileSync(met(username, point), '');
      await eventually(() => ['alice', 'bob'].every((name) => existsSync(met(name, point))), `both are ${point}`);
    };

    const id = await tspod.ok(
      'run',
      '-d',
      '--name',
      'mine',
      '--network',
      'none',
      '-e',
      `WHO=${username}`,
      'busybox',
      'sleep',
      '1000',
    );
    await arrive('running');
    assert.equal(await tspod.ok('ps', '--all', '--quiet', '--no-trunc'), id);
    assert.equal(await tspod.ok('exec', 'mine', 'sh', '-c', 'echo $WHO'), username);
    await arrive('checked');
    await tspod.ok('rm', '--force', '--time', '0', 'mine');
  },
);
