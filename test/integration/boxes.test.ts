/** What toolbox and distrobox ask of Podman: a container to work in, with most of the host. */
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox } from '../support/tspod.ts';

/** As both of them create it. */
const BOX = [
  ...['--hostname', 'box', '--ipc', 'host', '--name', 'box', '--network', 'host', '--pid', 'host', '--privileged'],
  ...['--security-opt', 'label=disable', '--user', 'root:root', '--userns', 'keep-id', '--ulimit', 'host'],
  ...['--annotation', 'run.oci.keep_original_groups=1', '--mount', 'type=devpts,destination=/dev/pts'],
  ...['--dns', 'none', '--no-hosts', '--label', 'manager=distrobox', '--env', 'SHELL=/bin/sh'],
  ...['--volume', '/:/run/host:rslave', '--volume', '/dev:/dev:rslave', '--volume', '/sys:/sys:rslave'],
  ...['--volume', '/tmp:/tmp:rslave', '--volume', '/var/log/journal', '--volume', '/etc/hosts:/etc/hosts:ro'],
];

test(
  'in a box the user is the user of the host, root is root, and the host is at /run/host',
  { skip: missing('subuid') },
  async (t) => {
    const tspod = await tspodWithBusybox(t);
    const { username, uid, gid } = userInfo();
    const command = ['sh', '-c', 'echo ready; exec sleep 1000'];
    await tspod.ok('create', ...BOX, '--volume', `${tspod.folder}:${tspod.folder}:rslave`, 'busybox', ...command);
    await tspod.ok('start', 'box');
    const told = '{{.State.Status}}{{range .Config.Env}}{{if slice . 0 6 | eq "SHELL="}} {{slice . 6}}{{end}}{{end}}';
    assert.equal(await tspod.ok('inspect', '--type', 'container', '--format', told, 'box'), 'running /bin/sh');
    const enter = ['exec', '--interactive', '--detach-keys=', '--user', username, '--workdir', tspod.folder, 'box'];
    assert.equal(await tspod.ok(...enter, 'sh', '-c', 'id -u; id -g; pwd'), `${uid}\n${gid}\n${tspod.folder}`);
    await tspod.ok(...enter, 'touch', 'made-inside');
    const { stdout } = await tspod('exec', 'box', 'sh', '-c', `id -u; stat -c %u ${tspod.folder}/made-inside`);
    assert.equal(stdout, `0\n${uid}`);
    assert.equal(await tspod.ok('exec', 'box', 'readlink', '-f', '/run/host/tmp'), `/run/host${realpathSync('/tmp')}`);
  },
);

test('system migrate, which toolbox calls first, finds nothing to do, and containers go on', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('run', '-d', '--network', 'none', 'busybox', 'sleep', '1000');
  assert.deepEqual(await tspod('--log-level', 'error', 'system', 'migrate'), { stdout: '', stderr: '', exitCode: 0 });
  assert.equal(await tspod.ok('system', 'migrate', '--new-runtime', 'crun'), '');
  assert.equal(await tspod.ok('ps', '--quiet', '--no-trunc'), id);
});
