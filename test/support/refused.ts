import assert from 'node:assert/strict';
import type { Tspod } from './tspod.ts';

/** One sentence with the cause, a remedy below it, the exit status, and no trace of the attempt. */
export async function assertRefused(
  tspod: Tspod,
  args: readonly string[],
  message: RegExp,
  expected = 125,
): Promise<void> {
  const { exitCode, stderr, stdout } = await tspod(...args);
  assert.match(stderr, message);
  assert.equal(exitCode, expected, stderr);
  assert.equal(stdout, '');
  assert.doesNotMatch(stderr, /^ +at .*:\d+/m, 'a stack trace is not for users');
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
}
