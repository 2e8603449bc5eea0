import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

const detached = ['run', '-d', '--network', 'none'];
const journald = ['--log-driver', 'journald'];

test('the journal keeps the log, with the fields that Podman writes', { skip: missing('journal') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = 'echo out; echo err >&2; head -c 100000 /dev/zero | tr "\\0" x; echo; printf "\\377\\n"; printf end';
  const id = await tspod.ok(
    ...[...detached, '--name', 'c', ...journald, '--log-opt', 'tag={{.Name}}/{{.Config.Hostname}}'],
    ...['--hostname', 'h', 'busybox', 'sh', '-c', script],
  );
  await tspod.ok('wait', 'c');
  const child = tspod.start('logs', 'c');
  const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  assert.equal(Buffer.concat(out as Buffer[]).toString('latin1'), `out\n${'x'.repeat(100000)}\n\xff\nend`);
  assert.equal(Buffer.concat(err as Buffer[]).toString(), 'err\n');
  assert.equal(await tspod.ok('logs', '--tail', '1', 'c'), 'end');
  assert.equal((await tspod.ok('logs', '--tail', '3', 'c')).length, 100000 + 1 + 1 + 1 + 3);
  const fields = execFileSync('journalctl', ['-q', '-o', 'json', `CONTAINER_ID_FULL=${id}`, 'PRIORITY=3'], {
    encoding: 'utf8',
  });
  const entry = JSON.parse(fields) as Record<string, string>;
  assert.deepEqual(
    ['MESSAGE', 'CONTAINER_ID', 'CONTAINER_NAME', 'CONTAINER_TAG', 'SYSLOG_IDENTIFIER'].map((name) => entry[name]),
    ['err', id.slice(0, 12), 'c', 'c/h', 'c/h'],
  );
});

test('logs --follow of the journal ends with the container', { skip: missing('journal') }, async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(
    ...[...detached, '--name', 'c', ...journald, 'busybox', 'sh', '-c'],
    'for i in 1 2 3; do echo $i; sleep 1; done',
  );
  assert.equal(await tspod.ok('logs', '--follow', 'c'), '1\n2\n3');
  assert.equal(await tspod.ok('logs', '--follow', '--tail', '2', 'c'), '2\n3');
});

test(
  'logs of the journal know --since, --until, --timestamps and other logs',
  { skip: missing('journal') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    await tspod.ok(...detached, '--name', 'j', ...journald, 'busybox', 'echo', 'first');
    await tspod.ok('wait', 'j');
    await tspod.ok(...detached, '--name', 'f', 'busybox', 'echo', 'second');
    await tspod.ok('wait', 'f');
    assert.equal(await tspod.ok('logs', '--since', '1h', 'j'), 'first');
    assert.equal(await tspod.ok('logs', '--until', '2020-01-01', 'j'), '');
    assert.match(await tspod.ok('logs', '--timestamps', 'j'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}000Z first$/);
    assert.equal(await tspod.ok('logs', '--names', 'f', 'j'), 'j first\nf second');
    assert.equal(await tspod.ok('logs', '--follow', '--tail', '0', 'j'), '');
  },
);
