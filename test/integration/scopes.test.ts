import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

test(
  'a container is in a scope of the user manager, and nothing is left of the scope',
  { skip: missing('systemd') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const id = await tspod.ok('run', '-d', '--network', 'none', 'busybox', 'sleep', '1000');
    const show = () => systemctl('list-units', '--all', '--plain', '--no-legend', `tspod-${id}.scope`);
    assert.match(show(), /active +running/);
    const tree = systemctl('status', `tspod-${id}.scope`);
    assert.match(tree, /sleep 1000/);
    assert.match(tree, /tspod-monitor/);
    await tspod.ok('rm', '--force', '--time', '0', id);
    await eventually(() => show() === '', 'the scope is gone');
  },
);

test(
  'a scope that systemd keeps of a killed start is in the way of no other, and goes with the container',
  { skip: missing('systemd') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const [started, removed] = [
      await tspod.ok('create', '--network', 'none', 'busybox', 'true'),
      await tspod.ok('create', '--network', 'none', 'busybox', 'true'),
    ];
    for (const id of [started, removed]) await makeScopeThatNeverEnds(`tspod-${id}.scope`);
    await tspod.ok('start', '--attach', started);
    await tspod.ok('rm', started, removed);
  },
);

test('ps removes a scope in which nothing is, of a container that is gone', { skip: missing('systemd') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const orphan = `tspod-${randomBytes(32).toString('hex')}.scope`;
  await makeScopeThatNeverEnds(orphan);
  const id = await tspod.ok('run', '-d', '--network', 'none', 'busybox', 'sleep', '1000');
  await tspod.ok('ps');
  await eventually(() => systemctl('is-active', orphan) === 'inactive', 'the scope is gone');
  assert.equal(systemctl('is-active', `tspod-${id}.scope`), 'active');
});

/** Of a process that has ended when systemd moves it there: systemd waits for an end that it was told before. */
async function makeScopeThatNeverEnds(name: string): Promise<void> {
  const script = 'cat <&3 & echo $!; exec sleep 1000';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  try {
    const [answer] = (await once(parent.stdio[1] as Readable, 'data')) as [Buffer];
    const zombie = answer.toString().trim();
    await eventually(
      () => readFileSync(`/proc/${String(parent.pid)}/comm`, 'latin1') === 'sleep\n',
      'sleep reaps none',
    );
    (parent.stdio[3] as Writable).end();
    await eventually(() => /^State:\tZ/m.test(readFileSync(`/proc/${zombie}/status`, 'latin1')), 'cat has ended');
    const manager = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager'];
    const call = ['StartTransientUnit', 'ssa(sv)a(sa(sv))', name, 'fail', '1', 'PIDs', 'au', '1', zombie, '0'];
    await eventually(() => {
      // Of an end that it hears of only now systemd does not wait: then the scope has gone again.
      if (systemctl('is-active', name) === 'active') return true;
      systemctl('reset-failed', name);
      spawnSync('busctl', ['--user', 'call', ...manager, ...call]);
      return systemctl('is-active', name) === 'active';
    }, 'the scope is there');
  } finally {
    parent.kill('SIGKILL');
  }
}

function systemctl(...args: readonly string[]): string {
  const { stdout } = spawnSync('systemctl', ['--user', ...args], { encoding: 'utf8' });
  return stdout.trim();
}
