import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { appArmorProfile, firstFreeSubid, shellQuote } from '../../../packaging/host-settings.mjs';

test('set-up gives a user subordinate ids that nobody has', () => {
  assert.equal(firstFreeSubid(['', '']), 100_000);
  assert.equal(firstFreeSubid(['alice:100000:65536\nbob:165536:65536\n', 'carol:300000:10\n']), 300_010);
});

test('a quote in a path survives the shell', () => {
  const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellQuote(`it's "here"`)}`], { encoding: 'utf8' });
  assert.equal(stdout, `it's "here"`);
});

test('each checkout has an AppArmor profile of its own', () => {
  const { path, command } = appArmorProfile('/home/al ice/tspod/dist/tspod-monitor');
  assert.equal(path, '/etc/apparmor.d/home.al.ice.tspod.dist.tspod-monitor');
  assert.equal(
    command,
    `printf '%s\\n' 'abi <abi/4.0>,' 'include <tunables/global>' 'profile home.al.ice.tspod.dist.tspod-monitor "/home/al ice/tspod/dist/tspod-monitor" flags=(unconfined) { userns, }' >${path} && apparmor_parser -r ${path}`,
  );
});
