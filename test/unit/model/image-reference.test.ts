import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatImageReference,
  isLocalOnly,
  normalizeImageReference,
  parseImageReference,
  qualifyReference,
} from '../../../src/model/image-reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

test('a name is split into registry, path, tag and digest', () => {
  assert.deepEqual(parseImageReference(`quay.io:8443/a/b__c/d-e.f:v1.0@${DIGEST}`), {
    domain: 'quay.io:8443',
    path: 'a/b__c/d-e.f',
    tag: 'v1.0',
    digest: DIGEST,
  });
});

test('a name is completed as Docker completes it', () => {
  const complete = (text: string) => formatImageReference(normalizeImageReference(text));
  assert.equal(complete('busybox'), 'docker.io/library/busybox:latest');
  assert.equal(complete('busybox:1.36'), 'docker.io/library/busybox:1.36');
  assert.equal(complete('user/app'), 'docker.io/user/app:latest');
  assert.equal(complete('docker.io/busybox'), 'docker.io/library/busybox:latest');
  assert.equal(complete('index.docker.io/busybox'), 'docker.io/library/busybox:latest');
  assert.equal(complete('localhost/app'), 'localhost/app:latest');
  assert.equal(complete('localhost:5000/app'), 'localhost:5000/app:latest');
  assert.equal(complete('[::1]:5000/app:x'), '[::1]:5000/app:x');
  assert.equal(complete('Registry/app'), 'Registry/app:latest');
  assert.equal(complete(`busybox@${DIGEST}`), `docker.io/library/busybox@${DIGEST}`);
  assert.equal(complete(`busybox:1@${DIGEST}`), `docker.io/library/busybox:1@${DIGEST}`);
});

test('a short name goes below the search prefix', () => {
  const short = parseImageReference('app:1');
  assert.equal(formatImageReference(qualifyReference(short, 'quay.io')), 'quay.io/app:1');
  assert.equal(formatImageReference(qualifyReference(short, 'quay.io/team/')), 'quay.io/team/app:1');
});

test('localhost is this machine, localhost with a port is a registry', () => {
  assert.equal(isLocalOnly(parseImageReference('localhost/app')), true);
  assert.equal(isLocalOnly(parseImageReference('localhost:5000/app')), false);
  assert.equal(isLocalOnly(parseImageReference('app')), false);
});

test('a malformed name is refused and says what is wrong', () => {
  const refused: [string, RegExp][] = [
    ['', /"" is not the name of an image: it is empty/],
    ['Busybox', /it must be lower case/],
    ['BB!', /"BB!" must be lower-case letters and digits/],
    ['a//b', /must be lower-case letters and digits/],
    ['a/', /must be lower-case letters and digits/],
    ['quay.io/', /it is empty/],
    ['-a', /must be lower-case letters and digits/],
    ['a___b', /must be lower-case letters and digits/],
    ['a..b', /must be lower-case letters and digits/],
    ['../etc/passwd', /".." is not the name of a registry/],
    ['a/../b', /must be lower-case letters and digits/],
    ['a:', /"" is not a tag/],
    ['a:-x', /"-x" is not a tag/],
    [`a:${'x'.repeat(129)}`, /is not a tag/],
    ['a@sha256:12', /"sha256:12" is not a digest/],
    [`a@md5:${'0'.repeat(64)}`, /is not a digest/],
    ['-evil.com/a', /"-evil.com" is not the name of a registry/],
    ['host:port/a', /"host:port" is not the name of a registry/],
    ['a b', /must be lower-case letters and digits/],
    ['a\n', /must be lower-case letters and digits/],
    ['0123456789abcdef'.repeat(4), /it is an image id/],
    [`quay.io/${'a'.repeat(250)}`, /longer than 255/],
  ];
  for (const [text, message] of refused) {
    assert.throws(() => parseImageReference(text), { name: 'UsageError', message }, text);
  }
});
