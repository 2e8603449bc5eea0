import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const HELLO = 'localhost/tspod/hello';
const skip = missing('program:unshare', 'subuid');

/** In a user namespace of ours we are root, and may take from the host what it shall lack. */
function asRootOfNamespace(tspod: Tspod, prepare: string, ...args: readonly string[]) {
  const script = `${prepare}\nexec "$0" "$@"`;
  const flags = [
    '--user',
    '--map-root-user',
    '--map-auto',
    '--mount',
    '--pid',
    '--fork',
    '--mount-proc',
    '--kill-child',
  ];
  const { env, folder } = tspod;
  return spawnSync('unshare', [...flags, 'sh', '-ec', script, tspod.program, ...args], {
    env,
    cwd: folder,
    encoding: 'utf8',
  });
}

/** A /dev that has all that containers need of it but for one device. */
function withoutDevice(hidden: string): string {
  const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'fuse', 'net/tun'];
  const files = devices.filter((device) => device !== hidden).join(' ');
  return `mount -t tmpfs dev /mnt
    mkdir /mnt/net /mnt/pts /mnt/shm
    for device in ${files}; do
      [ -e "/dev/$device" ] || continue
      : >"/mnt/$device"
      mount --bind "/dev/$device" "/mnt/$device"
    done
    mount --rbind /dev/pts /mnt/pts
    mount --rbind /dev/shm /mnt/shm
    ln -s /proc/self/fd /mnt/fd
    ln -s pts/ptmx /mnt/ptmx
    mount --rbind /mnt /dev`;
}

/** With a PATH of links to all programs there are, but for the hidden ones. */
async function withoutPrograms(t: TestContext, hidden: readonly string[]): Promise<Tspod> {
  const folder = mkdtempSync('/tmp/tspod-path-');
  t.after(() => rmSync(folder, { recursive: true }));
  for (const directory of ['/usr/bin', '/usr/sbin']) {
    for (const name of readdirSync(directory)) {
      if (!hidden.includes(name)) {
        try {
          symlinkSync(join(directory, name), join(folder, name));
        } catch {
          // In both directories: the first one counts, as in a PATH.
        }
      }
    }
  }
  return tspodWithEmptyStore(t, { env: { PATH: folder } });
}

test('without newuidmap a container has a single user id, and tspod says how to change that', async (t) => {
  const tspod = await withoutPrograms(t, ['newuidmap', 'newgidmap']);
  const { exitCode, stderr } = await tspod('run', '--rm', '--network', 'none', 'localhost/tspod/hello');
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /newuidmap|uidmap/);
});

test(
  'without slirp4netns a network that is asked for is refused with its package',
  { skip: missing('tun') },
  async (t) => {
    const tspod = await withoutPrograms(t, ['slirp4netns', 'pasta', 'passt']);
    const { exitCode, stderr } = await tspod('run', '--rm', '--network', 'slirp4netns', 'localhost/tspod/hello');
    assert.equal(exitCode, 125);
    assert.match(stderr, /slirp4netns/);
  },
);

test('where user namespaces are forbidden, tspod says so', { skip: missing('program:unshare') }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('run', '--rm', '--network', 'none', 'localhost/tspod/hello'); // The image is there, and facts are known.
  // A namespace of our own, in which we may forbid what an administrator forbids for the host.
  const script = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$0" run --rm --network none localhost/tspod/hello';
  const { status, stderr } = spawnSync(
    'unshare',
    ['--user', '--map-current-user', '--keep-caps', 'sh', '-c', script, tspod.program],
    {
      env: tspod.env,
      encoding: 'utf8',
    },
  );
  assert.equal(status, 125, stderr);
  assert.match(stderr, /user namespaces/);
  assert.deepEqual(readdirSync(join(tspod.store, 'containers')), ['by-name']);
});

test('where user namespaces give no capabilities, tspod says so', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const powerless = join(import.meta.dirname, '../../dist/test/powerless');
  for (const command of ['run --rm --network none localhost/tspod/hello', 'unshare true']) {
    const { status, stderr } = asRootOfNamespace(tspod, `set -- ${command}; exec "${powerless}" "$0" "$@"`);
    assert.equal(status, 125, stderr);
    assert.match(stderr, /^Error: user namespaces are forbidden on this host: operation not permitted\n.*AppArmor/m);
  }
  const { stdout } = asRootOfNamespace(tspod, `exec "${powerless}" "$0" doctor`);
  assert.match(stdout, /^failed +user namespaces: they give no capabilities: operation not permitted$/m);
  assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
});

test(
  'a host without /dev/fuse is told so where fuse-overlayfs is asked for, and copies images where it would be chosen',
  { skip: skip || missing('fuse') },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    const args = ['--storage-driver', 'fuse-overlayfs', 'run', '--rm', '--network', 'none', HELLO];
    const { status, stdout, stderr } = asRootOfNamespace(tspod, withoutDevice('fuse'), ...args);
    assert.equal(status, 125, stderr);
    assert.match(stderr, /^Error: fuse-overlayfs needs "\/dev\/fuse".*\n.*modprobe fuse/m);
    assert.equal(stdout, '');
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
    const shifted = ['run', '--rm', '--network', 'none', '--userns', 'keep-id:uid=1000,gid=1000', HELLO];
    const copied = asRootOfNamespace(tspod, withoutDevice('fuse'), ...shifted);
    assert.equal(copied.status, 0, copied.stderr);
  },
);

test(
  'a host without /dev/net/tun has no network, and containers that want none run',
  { skip: skip || missing('tun') },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    const refused = asRootOfNamespace(tspod, withoutDevice('net/tun'), 'run', '--rm', HELLO);
    assert.equal(refused.status, 125, refused.stderr);
    assert.match(refused.stderr, /^Error: slirp4netns needs "\/dev\/net\/tun".*\n.*modprobe tun.*--network none/m);
    assert.equal(await tspod.ok('ps', '--all', '--quiet'), '');
    const { status, stderr } = asRootOfNamespace(
      tspod,
      withoutDevice('net/tun'),
      'run',
      '--rm',
      '--network',
      'none',
      HELLO,
    );
    assert.equal(status, 0, stderr);
  },
);

test(
  'a store on a file system that cannot carry overlays is told from one that can, and images are copied there',
  { skip: skip || missing('fuse') },
  async (t) => {
    const tspod = await tspodWithEmptyStore(t);
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(tspod.folder, name));
    const mount = 'fuse-overlayfs -o lowerdir=lower,upperdir=upper,workdir=work merged 2>/dev/null';
    const args = ['--root', 'merged/store', '--storage-driver', 'overlay', 'run', '--rm', '--network', 'none', HELLO];
    const { status, stdout, stderr } = asRootOfNamespace(tspod, mount, ...args);
    assert.equal(status, 125, stderr);
    assert.match(
      stderr,
      /^Error: the storage driver "overlay" does not work here.*\n.*--storage-driver fuse-overlayfs/m,
    );
    assert.equal(stdout, '');
    const chosen = [...args.slice(0, 2), 'info', '--format', '{{.Store.GraphDriverName}}'];
    assert.equal(asRootOfNamespace(tspod, mount, ...chosen).stdout, 'vfs\n');
    const copied = asRootOfNamespace(tspod, mount, ...args.slice(0, 2), ...args.slice(4));
    assert.equal(copied.status, 0, copied.stderr);
  },
);

test('root of a user namespace gives its containers the ids that it has', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { status, stdout, stderr } = asRootOfNamespace(tspod, '', 'run', '--rm', '--network', 'none', HELLO);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /user ids +0 is 0 outside\n +1-\d+ are 1-\d+ outside/);
});

test('a user namespace of one id runs containers of one, and says so', { skip }, async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const run = [tspod.program, 'run', '--rm', '--network', 'none', HELLO];
  const { env } = tspod;
  const { status, stdout, stderr } = spawnSync('unshare', ['--user', '--map-current-user', ...run], {
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^Warning: .* has no subordinate ids: containers have one user id/m);
  assert.match(stderr, /^ {2}This user namespace has 1 of them, and nothing in it gives more: /m);
  assert.doesNotMatch(stderr, /usermod/);
  assert.match(stdout, /user ids +0 is \d+ outside\n +group ids/);
});
