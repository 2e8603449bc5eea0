import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exposedPorts } from '../../../src/plan/complete-network.ts';

function exposedBy(...ports: readonly string[]): string[] {
  const image = { ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])) };
  return exposedPorts(image).map(({ containerPort, protocol }) => `${containerPort}/${protocol}`);
}

test('an image exposes single ports and ranges, of tcp unless it says otherwise', () => {
  assert.deepEqual(exposedBy('80', '53/udp', '8000-8002/tcp'), [
    '80/tcp',
    '53/udp',
    '8000/tcp',
    '8001/tcp',
    '8002/tcp',
  ]);
});

test('what an image exposes that is no port is left out, however large a range it says', () => {
  assert.deepEqual(exposedBy('80', '9/sctp', '0', '65536', '9-5', '1-4294967295', '1-99999999999', 'http'), ['80/tcp']);
});
