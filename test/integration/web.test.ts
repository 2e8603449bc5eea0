import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { freePort } from '../support/registry.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const DRIVERS = [
  { driver: 'overlay', skip: missing('overlay', 'subuid', 'tun') },
  { driver: 'fuse-overlayfs', skip: missing('fuse', 'subuid', 'tun') },
  { driver: 'vfs', skip: missing('subuid', 'tun') },
] as const;

for (const { driver, skip } of DRIVERS) {
  test(
    `a web server on ${driver} with a port and a volume: serve, exec, logs, stop, start, rm`,
    { skip },
    async (t) => {
      const plain = await tspodWithBusybox(t);
      const tspod = (...args: string[]) => plain.ok('--storage-driver', driver, ...args);
      const port = String(await freePort());
      const get = () =>
        fetch(`http://localhost:${port}/`)
          .then((response) => response.text())
          .catch(() => undefined);

      await tspod(
        'run',
        '--rm',
        '--network',
        'none',
        '-v',
        'data:/www',
        'busybox',
        'sh',
        '-c',
        'echo page >/www/index.html',
      );
      await tspod(
        'run',
        '-d',
        '--name',
        'web',
        '-p',
        `${port}:80`,
        '-v',
        'data:/www',
        'busybox',
        'httpd',
        '-f',
        '-v',
        '-h',
        '/www',
      );
      await eventually(async () => (await get()) === 'page\n', 'the page is served');
      assert.match(await tspod('exec', 'web', 'ps'), / httpd -f/);
      const logged = await plain('logs', 'web');
      assert.match(logged.stdout + logged.stderr, /url:\/|response:200/);
      await tspod('stop', 'web');
      assert.equal(await get(), undefined);
      await tspod('start', 'web');
      await eventually(async () => (await get()) === 'page\n', 'the page is served again');
      await tspod('rm', '-f', 'web');
      assert.equal(await get(), undefined);
    },
  );
}
