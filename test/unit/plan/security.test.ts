import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SecurityConfig, UsernsMode } from '../../../src/model/container-config.ts';
import {
  capabilitiesOp,
  chooseSeccompProfile,
  compileCapabilities,
  compileExecCapabilities,
  compileKernelPaths,
} from '../../../src/plan/security.ts';
import { exampleConfig } from '../../support/examples.ts';

function container(change: Partial<SecurityConfig> = {}, user = '', userns: UsernsMode = { kind: 'host' }) {
  const { security, process } = exampleConfig();
  return { security: { ...security, ...change }, process: { ...process, user }, userns };
}

test('root has the eleven default capabilities and no inheritable ones', () => {
  const op = capabilitiesOp(compileCapabilities(container()));
  assert.deepEqual(op, ['caps', '800405fb', '800405fb', '800405fb', '0', '0']);
});

test('another user has the defaults as its bound alone', () => {
  const op = capabilitiesOp(compileCapabilities(container({}, '1000')));
  assert.deepEqual(op, ['caps', '800405fb', '0', '0', '0', '0']);
});

test('another user has an added capability as an ambient one', () => {
  const op = capabilitiesOp(compileCapabilities(container({ capAdd: ['net_raw'] }, 'nobody')));
  assert.deepEqual(op, ['caps', '800425fb', '2000', '2000', '2000', '2000']);
});

test('keep-id without --user starts as the user, so without capabilities', () => {
  const { effective } = compileCapabilities(container({}, '', { kind: 'keep-id' }));
  assert.deepEqual(effective, []);
});

test('--cap-drop all with --cap-add leaves what was added', () => {
  const { bounding } = compileCapabilities(container({ capDrop: ['all'], capAdd: ['CAP_CHOWN', 'kill'] }));
  assert.deepEqual(bounding, ['CAP_CHOWN', 'CAP_KILL']);
});

test('--cap-add all with --cap-drop gives all but what was dropped', () => {
  const op = capabilitiesOp(compileCapabilities(container({ capAdd: ['ALL'], capDrop: ['sys_admin'] })));
  assert.equal(op[1], '1ffffdfffff');
});

test('a capability that is added and dropped is refused', () => {
  assert.throws(() => compileCapabilities(container({ capAdd: ['chown'], capDrop: ['CAP_CHOWN'] })), {
    message: 'the capability "CAP_CHOWN" is both added and dropped',
  });
});

test('an unknown capability is refused by its name', () => {
  assert.throws(() => compileCapabilities(container({ capAdd: ['FLY'] })), {
    message: 'there is no capability "FLY"',
  });
});

test('a privileged container has every capability', () => {
  assert.equal(capabilitiesOp(compileCapabilities(container({ privileged: true })))[2], '1ffffffffff');
});

test('exec as another user has no capabilities, exec as root the bound', () => {
  const config = container({ capAdd: ['net_raw'] }, '1000');
  assert.deepEqual(compileExecCapabilities(config, { user: '1', privileged: false }).effective, []);
  assert.deepEqual(compileExecCapabilities(config, { privileged: false }).effective, ['CAP_NET_RAW']);
  assert.equal(compileExecCapabilities(config, { user: 'root', privileged: false }).effective.length, 12);
});

test('the keys and memory of the kernel are masked, its settings read-only', () => {
  const { masked, readonly } = compileKernelPaths(container());
  assert.ok(masked.includes('/proc/kcore'));
  assert.ok(readonly.includes('/proc/sys'));
});

test('unmask takes a path, a pattern, several, and ALL', () => {
  const { masked } = compileKernelPaths(container({ unmask: ['/proc/kcore:/sys/f*'] }));
  assert.ok(!masked.includes('/proc/kcore') && !masked.includes('/sys/firmware'));
  assert.ok(masked.includes('/sys/fs/selinux'));
  assert.deepEqual(compileKernelPaths(container({ unmask: ['all'] })), { masked: [], readonly: [] });
});

test('a privileged container hides only what the user masks', () => {
  const paths = compileKernelPaths(container({ privileged: true, mask: ['/etc/a:/etc/b'] }));
  assert.deepEqual(paths, { masked: ['/etc/a', '/etc/b'], readonly: [] });
});

test('a relative path cannot be masked', () => {
  assert.throws(() => compileKernelPaths(container({ mask: ['etc'] })), {
    message: 'the path "etc" to mask is not absolute',
  });
});

test('a privileged container has no seccomp profile unless it names one', () => {
  assert.equal(chooseSeccompProfile({ ...exampleConfig().security, privileged: true }), 'unconfined');
  assert.equal(chooseSeccompProfile({ ...exampleConfig().security, privileged: true, seccomp: '/p.json' }), '/p.json');
});
