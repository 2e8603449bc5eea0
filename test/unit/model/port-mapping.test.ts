import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatPortMapping,
  joinPortMappings,
  formatExposedPorts,
  parsePortMapping,
} from '../../../src/model/port-mapping.ts';

test('neighbouring ports are one range, of one address and protocol', () => {
  const join = (...texts: string[]) => joinPortMappings(texts.map(parsePortMapping)).map(formatPortMapping).join(' ');
  assert.equal(join('8090:80', '8091:81', '8092:90'), '0.0.0.0:8090-8091->80-81/tcp 0.0.0.0:8092->90/tcp');
  assert.equal(join('8092:82', '8090-8091:80-81'), '0.0.0.0:8090-8092->80-82/tcp');
  assert.equal(join('8090:80', '8091:81/udp'), '0.0.0.0:8090->80/tcp 0.0.0.0:8091->81/udp');
  assert.equal(join('127.0.0.1:8090:80', '8091:81'), '127.0.0.1:8090->80/tcp 0.0.0.0:8091->81/tcp');
  assert.equal(join('8091:80', '8090:81'), '0.0.0.0:8090->81/tcp 0.0.0.0:8091->80/tcp');
  assert.equal(join('8090:80', '8091:80', '8090:81'), '0.0.0.0:8090->80/tcp 0.0.0.0:8090->81/tcp 0.0.0.0:8091->80/tcp');
});

test('exposed ports are shown where they are not published, neighbours as one range', () => {
  const exposed = ['82/tcp', '53/udp', '80/tcp', '443/tcp', '81/tcp', '9/udp'];
  assert.deepEqual(formatExposedPorts(exposed, []), ['80-82/tcp', '443/tcp', '9/udp', '53/udp']);
  assert.deepEqual(formatExposedPorts(exposed, [parsePortMapping('8080-8081:80-81'), parsePortMapping('53:53/udp')]), [
    '82/tcp',
    '443/tcp',
    '9/udp',
  ]);
});
