import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainOp } from '../../../src/plan/sentences.ts';

test('a directory with mounts below it cannot be overlaid, and the sentence says so', () => {
  const EINVAL = 22;
  const { message, remedy } = explainOp(['overlay', '/x', '', '/s/upper', '/s/work', '/tmp'], EINVAL);
  assert.equal(message, 'the kernel cannot overlay on "/x": invalid argument');
  assert.equal(
    remedy,
    'Nothing may be mounted below "/tmp" for that (findmnt shows it): mount it with :ro instead, or a directory in it.',
  );
});
