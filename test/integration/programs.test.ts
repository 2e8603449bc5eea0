/** Command lines of programs that were written for Docker's or Podman's: editors with development containers, and the like. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

/** What keeps a development container alive: its shell is the entrypoint, and goes on until SIGTERM. */
const lives = ['-c', 'echo Container started\ntrap "exit 0" 15\n\nexec "$@"\nwhile sleep 1 & wait $!; do :; done', '-'];
const metadata = 'devcontainer.metadata=[{"remoteUser":"alice","postCreateCommand":"echo \\"two words\\""}]';

test('an editor makes a development container, hears of its start, finds it again and works in it', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const labels = ['-l', 'local_folder=/home/alice/my work', '-l', metadata];
  const watcher = tspod.start('events', '--format', '{{json .}}', '--filter', 'event=start');
  let events = '';
  watcher.stdout.on('data', (chunk: Buffer) => (events += chunk.toString()));
  const flags = [
    '--sig-proxy=false',
    '-a',
    'STDOUT',
    '-a',
    'STDERR',
    '--network',
    'none',
    '-e',
    'HELLO=a b',
    '-e',
    'EMPTY=',
  ];
  const mounts = [
    ...['--mount', `type=bind,source=${tspod.folder},target=/work,consistency=cached`],
    ...['--mount', 'source=cache,target=/cache,type=volume', '--mount', 'type=tmpfs,target=/scratch'],
  ];
  const how = ['--init', '--cap-add', 'SYS_PTRACE', '--security-opt', 'seccomp=unconfined', '--entrypoint', '/bin/sh'];
  const run = tspod.start('run', ...flags, ...mounts, ...labels, ...how, 'busybox', ...lives);
  let said = '';
  run.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await eventually(() => events.endsWith('\n'), 'the start is heard of');
  await eventually(() => said === 'Container started\n', 'the container says that it has started');
  const heard = JSON.parse(events) as { Status: string; ID: string };
  assert.equal(heard.Status, 'start');

  const found = await tspod.ok('ps', '-q', '-a', '--filter', 'label=local_folder=/home/alice/my work');
  assert.ok(heard.ID.startsWith(found), found);
  const [container] = JSON.parse(await tspod.ok('inspect', '--type', 'container', found)) as [Inspected];
  assert.equal(container.State.Status, 'running');
  assert.equal(`devcontainer.metadata=${container.Config.Labels['devcontainer.metadata'] ?? ''}`, metadata);
  assert.deepEqual(container.Mounts.map(({ Type, Destination }) => `${Type} ${Destination}`).sort(), [
    'bind /work',
    'volume /cache',
  ]);
  await worksThroughOneShell(tspod, found);

  await tspod.ok('stop', '-t', '0', found);
  await tspod.ok('start', found);
  assert.equal(await tspod.ok('exec', '-i', '-w', '/work', '-e', 'A=1', found, 'sh', '-c', 'pwd; echo $A'), '/work\n1');
  await tspod.ok('rm', '-f', found);
  for (const child of [watcher, run]) child.kill();
});

interface Inspected {
  readonly State: { readonly Status: string };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly Mounts: readonly { readonly Type: string; readonly Destination: string }[];
}

/** Editors keep one shell open, and tell the end of each answer by a mark of their own. */
async function worksThroughOneShell(tspod: Tspod, id: string): Promise<void> {
  const shell = tspod.start('exec', '-i', '-u', 'root', '-e', 'SESSION=1', id, '/bin/sh');
  let answers = '';
  shell.stdout.on('data', (chunk: Buffer) => (answers += chunk.toString()));
  for (const [n, command] of ['echo "$HELLO,$EMPTY,$SESSION"', 'cat /proc/1/comm', 'false'].entries()) {
    shell.stdin.write(`echo -n [; ( ${command} ); echo -n "]$?-${n};"\n`);
    await eventually(() => answers.includes(`-${n};`), command);
  }
  assert.equal(answers, '[a b,,1\n]0-0;[podman-init\n]0-1;[]1-2;');
  shell.stdin.end('exit 7\n');
  assert.deepEqual(await once(shell, 'close'), [7, null]);
}

test('run attaches to what --attach names, in capitals, too; to the input alone it prints the id', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const run = (streams: readonly string[], input = '') =>
    tspod.withInput(input, 'run', '--network', 'none', ...streams, 'busybox', 'sh', '-c', 'cat; echo err >&2; exit 3');
  assert.deepEqual(await run(['-a', 'STDERR']), { stdout: '', stderr: 'err', exitCode: 3 });
  assert.deepEqual(await run(['-a', 'Stdin,STDOUT'], 'in'), { stdout: 'in', stderr: '', exitCode: 3 });
  const { stdout, exitCode } = await run(['-a', 'stdin'], 'in');
  assert.equal(exitCode, 3);
  assert.equal(await tspod.ok('logs', stdout), 'in');
  assert.match((await run(['-a', 'OUT'])).stderr, /"OUT" for "-a, --attach" flag: it is one of stdin, stdout, stderr/);
});

test("policies of pulling go by Kubernetes' names, too", async (t) => {
  const tspod = await tspodWithBusybox(t);
  for (const policy of ['IfNotPresent', 'ifnotpresent', 'Missing', 'Never']) {
    await tspod.ok('create', `--pull=${policy}`, '--systemd=TRUE', 'busybox');
  }
  assert.equal((await tspod('create', '--pull=Always', 'localhost:1/nosuch')).exitCode, 125);
  assert.equal((await tspod('pull', '--policy=IfNotPresent', 'busybox')).exitCode, 0);
  assert.match(
    (await tspod('create', '--pull=Perhaps', 'busybox')).stderr,
    /it is one of always, missing, never, newer/,
  );
});

test('--change keeps the quotes of a JSON value', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const id = await tspod.ok('create', 'busybox');
  await tspod.ok('commit', '--quiet', '--change', `LABEL ${metadata}`, id, 'dev');
  const read = await tspod.ok('image', 'inspect', '--format', '{{index .Labels "devcontainer.metadata"}}', 'dev');
  assert.equal(`devcontainer.metadata=${read}`, metadata);
});

test('info shows words as YAML has them, without quotes that it does not need', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const info = await tspod.ok('info');
  assert.match(info, /^ {2}kernel: [^"\n]+$/m);
  assert.match(info, /^ {2}uptime: \d+h [^"\n]+$/m);
});
