import assert from 'node:assert/strict';
import test from 'node:test';
import type { ContainerConfig } from '../../../src/model/container-config.ts';
import { compile } from '../../../src/plan/compile.ts';
import { isForSystemd } from '../../../src/plan/systemd.ts';
import { exampleConfig, exampleFacts, examplePaths } from '../../support/examples.ts';

const { process } = exampleConfig();

function compiled(changes: Partial<ContainerConfig>) {
  return compile({
    config: exampleConfig({ systemd: true, ...changes }),
    facts: exampleFacts(),
    paths: examplePaths(),
    joined: {},
    attach: false,
    notifyMode: 'ignore',
  });
}

function mountsOf(changes: Partial<ContainerConfig>): string[] {
  return compiled(changes).spec.mounts.map(({ type, destination }) => `${type} ${destination}`);
}

for (const [words, expected] of [
  [['/sbin/init'], true],
  [['/usr/sbin/init'], true],
  [['/usr/local/sbin/init', '--unit=rescue.target'], true],
  [['/lib/systemd/systemd'], true],
  [['systemd'], true],
  [['/bin/sh', '-c', '/sbin/init'], true],
  [['/bin/sh', '-c'], false],
  [['init'], false],
  [['/bin/init'], false],
  [['/usr/bin/systemd-run'], false],
  [['echo', '/sbin/init'], false],
] as const) {
  test(`${words.join(' ')} is ${expected ? 'taken' : 'not taken'} for systemd`, () => {
    assert.equal(isForSystemd('true', { ...process, command: words }), expected);
    assert.equal(isForSystemd('false', { ...process, command: words }), false);
    assert.equal(isForSystemd('always', { ...process, command: words }), true);
  });
}

test('an entrypoint is the command, and with --init the init program is', () => {
  assert.equal(isForSystemd('true', { ...process, entrypoint: ['/sbin/init'], command: ['a'] }), true);
  assert.equal(isForSystemd('true', { ...process, entrypoint: ['/entry'], command: ['/sbin/init'] }), false);
  assert.equal(isForSystemd('true', { ...process, command: ['/sbin/init'], init: true }), false);
});

test('systemd has its directories in memory, below the files of ours', () => {
  const mounts = mountsOf({});
  assert.deepEqual(
    mounts.filter((mount) => /^tmpfs .*(?:run|tmp|journal)/.test(mount)),
    ['tmpfs /run', 'tmpfs /run/lock', 'tmpfs /tmp', 'tmpfs /var/log/journal'],
  );
  assert.ok(mounts.indexOf('tmpfs /run') < mounts.indexOf('bind /run/.containerenv'));
});

test('what the user mounts in their place stays, and what is below it comes after it', () => {
  const mounts = mountsOf({
    mounts: [
      { type: 'bind', source: '/srv/run', target: '/run', options: [] },
      { type: 'bind', source: '/srv/tmp', target: '/tmp', options: [] },
    ],
  });
  assert.deepEqual(
    mounts.filter((mount) => / \/(?:run|run\/lock|tmp)$/.test(mount)),
    ['bind /run', 'bind /tmp', 'tmpfs /run/lock'],
  );
});

test('root of the container owns its cgroup and may write to it, whatever its ids are', () => {
  const { ops, spec } = compiled({});
  assert.deepEqual(
    ops.filter(([name]) => name === 'cgroup-owner'),
    [['cgroup-owner', 0, 0]],
  );
  assert.ok(spec.mounts.find(({ type }) => type === 'cgroup2')?.options.includes('rw'));
  const auto = compiled({ userns: { kind: 'auto', start: 2000, size: 1024 } });
  assert.deepEqual(
    auto.ops.filter(([name]) => name === 'cgroup-owner'),
    [['cgroup-owner', 2000, 2000]],
  );
});

test('systemd learns its machine id from the id of the container, unless it has one', () => {
  assert.ok(compiled({}).spec.process.env.includes(`container_uuid=${'c'.repeat(32)}`));
  const own = { ...process, env: ['container_uuid=1'] };
  assert.deepEqual(compiled({ process: own }).spec.process.env, ['container_uuid=1']);
});
