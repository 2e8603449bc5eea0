import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerConfig } from '../../../src/model/container-config.ts';
import type { Mount } from '../../../src/model/mount.ts';
import { compile } from '../../../src/plan/compile.ts';
import { exampleConfig, exampleFacts, examplePaths } from '../../support/examples.ts';

const bind = (path: string, ...options: string[]): Mount => ({ type: 'bind', source: path, target: path, options });

/** The targets of the mounts, in the order in which they are made. */
function targetsOf(mounts: readonly Mount[], changes: Partial<ContainerConfig> = {}): string[] {
  const { spec } = compile({
    config: exampleConfig({ ...changes, mounts }),
    facts: exampleFacts(),
    paths: examplePaths(),
    joined: {},
    attach: false,
    notifyMode: 'ignore',
  });
  return spec.mounts.map(({ destination }) => destination);
}

test("the container's own cgroup is on top of the host's /sys, which a box mounts", () => {
  const targets = targetsOf([bind('/sys', 'rslave'), bind('/sys/fs/cgroup/mine')]);
  const below = targets.filter((path) => path.startsWith('/sys'));
  assert.deepEqual(below, ['/sys', '/sys/fs/cgroup', '/sys/fs/cgroup/mine']);
  const own = targetsOf([bind('/sys'), bind('/sys/fs/cgroup')]).filter((path) => path.startsWith('/sys'));
  assert.deepEqual(own, ['/sys', '/sys/fs/cgroup'], "the user's own stays");
});

test('hosts, resolv.conf and hostname are on top of what is mounted on /etc, where files can be made there', () => {
  const inEtc = (mounts: readonly Mount[]) => targetsOf(mounts).filter((path) => path.startsWith('/etc'));
  assert.deepEqual(inEtc([bind('/etc')]), ['/etc', '/etc/hosts', '/etc/resolv.conf', '/etc/hostname']);
  assert.deepEqual(inEtc([bind('/etc', 'ro')]), ['/etc/hosts', '/etc/resolv.conf', '/etc/hostname', '/etc']);
  assert.deepEqual(inEtc([bind('/etc'), bind('/etc/hosts')]), [
    '/etc',
    '/etc/hosts',
    '/etc/resolv.conf',
    '/etc/hostname',
  ]);
});

test("nothing of ours is made in what the user mounts on /run or /dev, which are the host's as a rule", () => {
  const targets = targetsOf([bind('/run'), bind('/dev')]);
  assert.ok(targets.indexOf('/run/.containerenv') < targets.indexOf('/run'));
  assert.ok(targets.indexOf('/dev/shm') < targets.indexOf('/dev'));
});
