import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const run = ['run', '--rm', '--network', 'none'];
const status = (field: string) => ['busybox', 'sh', '-c', `grep ^${field}: /proc/self/status | cut -f2`];

test("a container has Podman's default capabilities, and none of them is inherited", async (t) => {
  const tspod = await tspodWithBusybox(t);
  // chown dac_override fowner fsetid kill net_bind_service setfcap setgid setpcap setuid sys_chroot
  assert.equal(await tspod.ok(...run, ...status('CapBnd')), '00000000800405fb');
  assert.equal(await tspod.ok(...run, ...status('CapEff')), '00000000800405fb');
  assert.equal(await tspod.ok(...run, ...status('CapInh')), '0000000000000000');
  assert.equal(await tspod.ok(...run, ...status('CapAmb')), '0000000000000000');
});

test('--cap-add and --cap-drop change the set, with and without CAP_, in any case', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(await tspod.ok(...run, '--cap-drop', 'all', ...status('CapBnd')), '0000000000000000');
  assert.equal(
    await tspod.ok(...run, '--cap-drop', 'ALL', '--cap-add', 'net_raw,CAP_CHOWN', ...status('CapEff')),
    '0000000000002001',
  );
  assert.equal(await tspod.ok(...run, '--cap-drop', 'CHOWN', ...status('CapEff')), '00000000800405fa');
});

test('a user other than root has no capability in effect', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(await tspod.ok(...run, '--user', '1234', ...status('CapEff')), '0000000000000000');
  assert.equal(await tspod.ok(...run, '--user', '1234', ...status('CapBnd')), '00000000800405fb');
});

test('the seccomp filter is on, and can be switched off', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(await tspod.ok(...run, ...status('Seccomp')), '2');
  assert.equal(await tspod.ok(...run, '--security-opt', 'seccomp=unconfined', ...status('Seccomp')), '0');
});

test('no-new-privileges is off, and on when asked for', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(await tspod.ok(...run, ...status('NoNewPrivs')), '0');
  assert.equal(await tspod.ok(...run, '--security-opt', 'no-new-privileges', ...status('NoNewPrivs')), '1');
});

test('masked paths are empty, read-only paths refuse writes; unmask opens them', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(
    await tspod.ok(...run, 'busybox', 'sh', '-c', 'cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c'),
    '0',
  );
  assert.notEqual((await tspod(...run, 'busybox', 'sh', '-c', 'echo 1 >/proc/sys/kernel/domainname')).exitCode, 0);
  assert.equal(await tspod.ok(...run, 'busybox', 'sh', '-c', 'ls /sys/firmware | wc -l'), '0');
  const hidden = (...options: string[]) =>
    tspod.ok(...run, ...options, 'busybox', 'sh', '-c', 'grep -c " /proc/keys " /proc/self/mountinfo; true');
  assert.equal(await hidden(), '1');
  assert.equal(await hidden('--security-opt', 'unmask=ALL'), '0');
  const readOnly = ['busybox', 'sh', '-c', 'grep -E -c " /proc/(bus|fs|irq|sys) ro," /proc/self/mountinfo'];
  assert.equal(await tspod.ok(...run, ...readOnly), '4');
  assert.equal(await tspod.ok(...run, '--pid', 'host', ...readOnly), '4', "the host's own /proc, too");
  assert.equal(
    await tspod.ok(...run, '--security-opt', 'mask=/etc/passwd', 'busybox', 'sh', '-c', 'cat /etc/passwd | wc -c'),
    '0',
  );
});

test('--read-only: the root file system refuses writes, /tmp and /dev/shm do not', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'touch /x 2>&1; touch /tmp/x /run/x /dev/shm/x && echo ok';
  assert.match(await tspod.ok(...run, '--read-only', 'busybox', 'sh', '-c', script), /Read-only file system\nok$/);
});

test('--privileged: all capabilities, no filter, no masks', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'grep -E "^(CapEff|Seccomp):" /proc/self/status; mount -t tmpfs none /tmp && echo mounted';
  assert.match(
    await tspod.ok(...run, '--privileged', 'busybox', 'sh', '-c', script),
    /CapEff:\t000001ffffffffff\nSeccomp:\t0\nmounted/,
  );
});

test('--privileged: the devices that the host has', { skip: missing('fuse') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'head -c 0 /dev/fuse && ls -d /dev/fuse /dev/console /dev/ttyS0 2>/dev/null';
  assert.equal((await tspod(...run, '--privileged', 'busybox', 'sh', '-c', script)).stdout, '/dev/fuse');
  assert.equal((await tspod(...run, 'busybox', 'sh', '-c', script)).stdout, '');
});

test('nothing is run from a device of the host, and the mask over a file is read-only', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const options = (path: string) =>
    tspod.ok(...run, 'busybox', 'awk', `$5 == "${path}" { print $6, $7 }`, '/proc/self/mountinfo');
  assert.equal(await options('/dev/null'), 'rw,nosuid,noexec,relatime -');
  assert.equal(await options('/proc/keys'), 'ro,nosuid,noexec,relatime -');
});

test('--user and --group-add, by name and number', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = (...options: string[]) =>
    tspod.ok(...run, ...options, 'busybox', 'sh', '-c', 'id -u; id -g; id -G; echo $HOME');
  assert.equal(await id('--user', 'www'), '1234\n1234\n1234 10\n/www');
  assert.equal(await id('--user', '77:88'), '77\n88\n88\n/');
  assert.equal(
    await id('--user', '1234', '--group-add', 'nogroup', '--group-add', '99'),
    '1234\n1234\n1234 10 99 65534\n/www',
  );
});

test('--ulimit sets soft and hard limits', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const limits = ['--ulimit', 'nofile=100:200', '--ulimit', 'core=0'];
  assert.equal(
    await tspod.ok(...run, ...limits, 'busybox', 'sh', '-c', 'ulimit -n; ulimit -Hn; ulimit -c'),
    '100\n200\n0',
  );
});
