import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../src/plan/compile.ts';
import type { Op } from '../../../src/plan/ops.ts';
import type { ContainerConfig } from '../../../src/model/container-config.ts';
import { exampleConfig, exampleFacts, examplePaths } from '../../support/examples.ts';

function opsOf(changes: Partial<ContainerConfig> = {}, { attach = false } = {}): readonly Op[] {
  return compile({
    config: exampleConfig(changes),
    facts: exampleFacts(),
    paths: examplePaths(),
    joined: {},
    attach,
    notifyMode: 'ignore',
  }).ops;
}

function only(ops: readonly Op[], name: string): Op[] {
  return ops.filter(([op]) => op === name);
}

test('the last op runs the entrypoint with the command behind it', () => {
  const { process } = exampleConfig();
  const ops = opsOf({ process: { ...process, entrypoint: ['/entry'], command: ['a', 'b c'] } });
  assert.deepEqual(ops.at(-1), ['exec', '/entry', 'a', 'b c']);
});

test('the root file system is an overlay with the top layer first', () => {
  assert.deepEqual(only(opsOf(), 'root-overlay'), [
    [
      'root-overlay',
      '/store/containers/c/upper',
      '/store/containers/c/work',
      '/store/layers/top',
      '/store/layers/base',
    ],
  ]);
});

test("what needs the host's files comes before the pivot, the process after it", () => {
  const names = opsOf().map(([name]) => name);
  const pivot = names.indexOf('pivot');
  for (const name of ['bind', 'mount', 'mask', 'readonly', 'seccomp']) assert.ok(names.lastIndexOf(name) < pivot, name);
  for (const name of ['user', 'caps', 'cwd', 'exec']) assert.ok(names.indexOf(name) > pivot, name);
});

test('a bind mount of the user replaces the default mount with the same target', () => {
  const ops = opsOf({ mounts: [{ type: 'bind', source: '/tmp/hosts', target: '/etc/hosts', options: ['ro'] }] });
  const targets = only(ops, 'bind').filter(([, , target]) => target === '/etc/hosts');
  assert.deepEqual(targets, [['bind', '/tmp/hosts', '/etc/hosts', 1 | 4096 | 16384, (1 << 18) | 16384]]);
});

test('parents are mounted before their children', () => {
  const ops = opsOf({
    mounts: [
      { type: 'bind', source: '/b', target: '/data/sub', options: [] },
      { type: 'bind', source: '/a', target: '/data', options: [] },
    ],
  });
  const targets = only(ops, 'bind').map(([, , target]) => target);
  assert.ok(targets.indexOf('/data') < targets.indexOf('/data/sub'));
});

test('a --rm container tells the monitor what to remove, anonymous volumes included', () => {
  const ops = opsOf({
    remove: true,
    mounts: [{ type: 'volume', name: 'anon', target: '/data', options: [], anonymous: true }],
  });
  assert.deepEqual(only(ops, 'remove'), [
    [
      'remove',
      '/store/containers/c',
      '/run/user/1000/tspod/containers/c',
      '/store/containers/by-name/web',
      '',
      '/store/volumes/anon',
    ],
  ]);
});

test('a --rm container tells the monitor where the file with its id is', () => {
  const fileOf = (changes: Parameters<typeof opsOf>[0]) => only(opsOf({ remove: true, ...changes }), 'remove')[0]?.[4];
  assert.equal(fileOf({ cidfile: '/run/id', createDirectory: '/home' }), '/run/id');
  assert.equal(fileOf({ cidfile: '../id', createDirectory: '/home/me' }), '/home/id');
  assert.equal(fileOf({ cidfile: 'id' }), '');
});

test('a named volume is filled from the image unless nocopy forbids', () => {
  const volume = { type: 'volume', name: 'data', target: '/data', options: [], anonymous: false } as const;
  assert.deepEqual(only(opsOf({ mounts: [volume] }), 'copyup'), [
    ['copyup', '/data', '/store/volumes/data/_data', '/store/volumes/data', 'all'],
  ]);
  assert.deepEqual(only(opsOf({ mounts: [{ ...volume, options: ['nocopy'] }] }), 'copyup'), []);
});

test("the host's network brings the host's /sys, which a new sysfs could not show", () => {
  const network = { ...exampleConfig().network, mode: { kind: 'host' } as const };
  const ops = opsOf({ network });
  assert.deepEqual(only(ops, 'netns'), [['netns', 'host']]);
  assert.ok(only(ops, 'bind').some(([, source, target]) => source === '/sys' && target === '/sys'));
});

test('output waits for the CLI when it is going to attach', () => {
  assert.deepEqual(only(opsOf({}, { attach: true }), 'attach'), [['attach', 'expected']]);
  assert.deepEqual(only(opsOf({}, { attach: false }), 'attach'), [['attach', 'none']]);
});

test('the first process finds the terminal in its size', () => {
  const { ops } = compile({
    config: exampleConfig({ process: { ...exampleConfig().process, tty: true } }),
    facts: exampleFacts(),
    paths: examplePaths(),
    joined: {},
    attach: true,
    terminalSize: { rows: 50, columns: 132 },
    notifyMode: 'ignore',
  });
  assert.deepEqual(only(ops, 'tty'), [['tty', 'yes', 50, 132]]);
});

test('fuse-overlayfs shows a keep-id container the ids of the image', () => {
  const plan = compile({
    config: exampleConfig({ storageDriver: 'fuse-overlayfs', userns: { kind: 'keep-id' } }),
    facts: exampleFacts({ uid: 1001, gid: 1001 }),
    paths: examplePaths(),
    joined: {},
    attach: false,
    notifyMode: 'ignore',
  });
  assert.equal(plan.rootfs.kind, 'fuse-overlayfs');
  assert.ok('options' in plan.rootfs && plan.rootfs.options.includes('uidmapping=1001:0:1:0:1:1001:1002:1002:64535'));
});
