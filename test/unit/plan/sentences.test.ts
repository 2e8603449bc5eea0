import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainOp } from '../../../src/plan/sentences.ts';

test('a directory with mounts below it cannot be overlaid, and the sentence says so', () => {
  const EINVAL = 22;
  const { message, remedy } = explainOp(
    ['overlay', '/x', '', '/s/overlay/0/upper', '/s/overlay/0/work', '/tmp'],
    EINVAL,
  );
  assert.equal(message, 'the kernel cannot overlay on "/x": invalid argument');
  assert.equal(
    remedy,
    'Nothing may be mounted below "/tmp" for that (findmnt shows it): mount it with :ro instead, or a directory in it.',
  );
});

test('directories of an overlay that are in one another are named', () => {
  const ELOOP = 40;
  const { message, remedy } = explainOp(['overlay', '/x', '', '/s/up', '/s/work', '/s'], ELOOP);
  assert.equal(message, 'the kernel cannot overlay on "/x": too many levels of symbolic links');
  assert.equal(remedy, 'None of "/s/up", "/s/work" and "/s" may be in another one.');
});

test('a CPU that the host does not have is no question of controllers', () => {
  const ERANGE = 34;
  const { message, remedy } = explainOp(['cgroup-write', 'cpuset.cpus', '77'], ERANGE);
  assert.equal(message, 'cannot set "cpuset.cpus" of the container\'s cgroup to "77": value out of range');
  assert.equal(remedy, 'Give numbers of CPUs and memory nodes that this host has: lscpu');
});

test('an id of root that is not mapped is named, though nobody has chosen it', () => {
  const EINVAL = 22;
  const ops = [
    ['uidmap', 0, 1000, 1],
    ['gidmap', 5, 1000, 1],
  ] as const;
  const { message } = explainOp(['user', ''], EINVAL, ops);
  assert.match(message, /^the user "0" has an id that is not mapped into the container, .* the group ids 5-5$/);
});
