import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, before, after } from 'node:test';
import { podmanEngine, type Engine } from '../bench/engines.ts';
import { busyboxImage, writeOciArchive } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

/** Each is run by both: standard output and exit status are the same. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  capabilities: ['busybox', 'grep', '^Cap', '/proc/self/status'],
  'capabilities of another user': ['--user', '1234', 'busybox', 'grep', '^Cap', '/proc/self/status'],
  'capabilities with --cap-add': ['--cap-add', 'net_admin', 'busybox', 'grep', '^Cap', '/proc/self/status'],
  'capabilities with --privileged': ['--privileged', 'busybox', 'grep', '^Cap', '/proc/self/status'],
  'no new privileges, seccomp': ['busybox', 'grep', '-E', '^(NoNewPrivs|Seccomp):', '/proc/self/status'],
  'id maps': ['busybox', 'cat', '/proc/self/uid_map', '/proc/self/gid_map'],
  // Podman's user namespace is below another one: the middle column, ids as the parent sees them, is another.
  'id maps with keep-id': [
    '--userns',
    'keep-id',
    'busybox',
    'awk',
    '{ print $1, $3 }',
    '/proc/self/uid_map',
    '/proc/self/gid_map',
  ],
  'id maps from the own id into the subordinate ones': ['--uidmap', '0:0:100', 'busybox', 'cat', '/proc/self/uid_map'],
  'ids with keep-id': ['--userns', 'keep-id', 'busybox', 'id'],
  groups: ['--user', 'www', 'busybox', 'id'],
  ...Object.fromEntries(
    ['1234', '1234:1234', '1234:0', '1:', ':1', '007', '007:08', 'www:7', 'www'].map((user) => [
      `lines for the user ${user}`,
      ['--user', user, 'busybox', 'sh', '-c', 'whoami; id -gn; tail -n 1 /etc/passwd; tail -n 1 /etc/group'],
    ]),
  ),
  environment: ['-e', 'A=b', 'busybox', 'sh', '-c', 'env | grep -v HOSTNAME | sort'],
  'mount points': [
    'busybox',
    'sh',
    '-c',
    'cut -d" " -f2,3 /proc/mounts | grep -v " overlay$" | grep -v -E "cgroup|resolv.conf" | sort',
  ],
  "mount options of the kernel's file systems": [
    'busybox',
    'sh',
    '-c',
    'grep -E " /(proc|sys|dev|dev/pts|dev/mqueue) " /proc/mounts | cut -d" " -f2,3,4 | sed "s/,inode64//; s/,size=[0-9]*k//; s/,gid=[0-9]*//; s/,uid=[0-9]*//" | sort',
  ],
  devices: [
    'busybox',
    'sh',
    '-c',
    'cd /dev; ls -l | grep -v " core -> " | sed "s/  */ /g" | cut -d" " -f1,3,4,5,6,10- | sort',
  ],
  'masked paths': [
    'busybox',
    'sh',
    '-c',
    'for f in acpi kcore keys latency_stats timer_list timer_stats sched_debug scsi asound bus fs irq sys sysrq-trigger; do (echo x >/proc/$f) 2>/dev/null; echo $f $?; wc -c </proc/$f 2>/dev/null; done; true',
  ],
  'resource limits': ['busybox', 'sh', '-c', 'ulimit -n; ulimit -Hn; ulimit -c'],
  'file descriptors': ['busybox', 'sh', '-c', 'ls /proc/self/fd'],
  umask: ['busybox', 'sh', '-c', 'umask'],
  'working directory': ['-w', '/tmp', 'busybox', 'pwd'],
  sysctls: ['busybox', 'cat', '/proc/sys/net/ipv4/ping_group_range', '/proc/sys/net/ipv4/ip_unprivileged_port_start'],
  'a command that fails': ['busybox', 'sh', '-c', 'exit 3'],
  'a command that does not exist': ['busybox', 'no-such-command'],
  'a file that cannot be executed': ['busybox', '/etc/passwd'],
  'an unknown user': ['--user', 'stranger', 'busybox', 'true'],
  'host name': ['--hostname', 'box', 'busybox', 'sh', '-c', 'hostname; echo $(cat /etc/hostname)'],
  'read-only': [
    '--read-only',
    'busybox',
    'sh',
    '-c',
    'for d in / /tmp /run /dev/shm /var/tmp /etc; do (: >$d/x) 2>/dev/null && echo $d; done; true',
  ],
  tmpfs: [
    '--tmpfs',
    '/scratch:size=1m',
    'busybox',
    'sh',
    '-c',
    'grep " /scratch " /proc/mounts | cut -d" " -f1-4 | sed "s/,inode64//; s/,uid=[0-9]*//; s/,gid=[0-9]*//"',
  ],
  'a named volume': [
    '-v',
    'vol:/data',
    'busybox',
    'sh',
    '-c',
    'stat -c "%a %u %g" /data; grep " /data " /proc/mounts | cut -d" " -f4 | tr , "\\n" | grep -E "nosuid|nodev|noexec|^rw"',
  ],
  init: ['--init', 'busybox', 'sh', '-c', 'test $$ -ne 1 && echo not pid 1'],
};

const skip = process.env['TESTBED'] ? 'compared on the machine itself' : missing('program:podman', 'subuid', 'busybox');
let podman: Engine | undefined;

before(() => {
  if (skip) return;
  const folder = mkdtempSync(join(tmpdir(), 'tspod-podman-'));
  podman = podmanEngine(folder);
  writeOciArchive(join(folder, 'busybox.tar'), busyboxImage(), 'localhost/busybox:latest');
  runPodman('pull', '--quiet', `oci-archive:${join(folder, 'busybox.tar')}`);
});

after(() => {
  if (!podman) return;
  runPodman('rm', '--all', '--force');
  runPodman('unshare', 'sh', '-c', 'umount "$0/overlay"; rm -rf "$0"', podman.command[2] ?? '');
  runPodman('system', 'migrate');
});

function runPodman(...args: readonly string[]): { readonly stdout: string; readonly exitCode: number | null } {
  const [program = '', ...global] = podman?.command ?? [];
  const { stdout, status } = spawnSync(program, [...global, ...args], { env: podman?.env, encoding: 'utf8' });
  return { stdout: stdout.trim(), exitCode: status };
}

test('run does as Podman does', { skip }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const [what, args] of Object.entries(COMMANDS)) {
    await t.test(what, async () => {
      const { stdout, exitCode } = await tspod('run', '--rm', '--network', 'none', ...args);
      assert.deepEqual({ stdout, exitCode }, runPodman('run', '--rm', '--network', 'none', ...args));
    });
  }
});
