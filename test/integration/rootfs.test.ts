/** `--rootfs`: a directory of this machine as the root file system. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxPath } from '../support/busybox.ts';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

for (const network of ['none', 'slirp4netns', 'pasta']) {
  const skip = network === 'none' ? false : missing('tun', `program:${network}`);
  test(
    `a root file system that cannot be mounted is told as that, with the network ${network}`,
    { skip },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      const { exitCode, stderr } = await tspod('run', '--rm', '--network', network, '--rootfs', '/:O', 'true');
      assert.equal(exitCode, 125);
      assert.match(stderr, /^Error: the kernel cannot overlay at /);
    },
  );
}

test('run --rootfs runs a directory', async (t) => {
  const tspod = await tspodWithBusybox(t);
  mkdirSync(join(tspod.folder, 'root/bin'), { recursive: true });
  copyFileSync(busyboxPath() ?? '', join(tspod.folder, 'root/bin/busybox'));
  assert.equal(
    await tspod.ok(
      'run',
      '--rm',
      '--network',
      'none',
      '--rootfs',
      join(tspod.folder, 'root'),
      '/bin/busybox',
      'echo',
      'hi',
    ),
    'hi',
  );
  assert.ok(existsSync(join(tspod.folder, 'root/bin/busybox')));
});
