import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal } from '../support/terminal.ts';
import { eventually, tspodWithBusybox } from '../support/tspod.ts';

const sleeper = "sh -c 'echo sleep''ing; exec sleep 1000'\r";
const shell = ['run', '--rm', '-it', '--network', 'none', 'busybox', 'sh'];

test('run -it is a shell on a terminal: it echoes, knows its size, and its exit status is ours', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const terminal = openTerminal(t, [tspod.program, ...shell], tspod.env);
  await terminal.shows(/# $/);
  terminal.type('tty; stty size\r');
  await terminal.shows(/\/dev\/(pts\/0|console)\r\n24 80\r\n/);
  terminal.resize(40, 132);
  terminal.type('stty size\r');
  await terminal.shows(/40 132\r\n/);
  terminal.type('exit 7\r');
  assert.equal(await terminal.exit, 7);
});

test("run -it passes ctrl-c and ctrl-z to the container's shell, which has job control", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const terminal = openTerminal(t, [tspod.program, ...shell], tspod.env);
  await terminal.shows(/# $/);
  terminal.type(sleeper); // It has the foreground when it speaks, not when its command line is read.
  await terminal.shows(/sleeping\r\n/);
  terminal.type('\x03');
  await terminal.shows(/# $/);
  terminal.type('echo status $?\r');
  await terminal.shows(/status 130\r\n/);
  terminal.type(sleeper);
  await terminal.shows(/sleeping\r\n/);
  terminal.type('\x1a');
  await terminal.shows(/Stopped/);
  terminal.type('kill %1; exit 0\r');
});

test("with the host's /dev in the container, run and exec have a terminal, too", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const box = ['--network', 'none', '--volume', '/dev:/dev:rslave'];
  await tspod.ok('run', '-d', '--name', 'c', ...box, 'busybox', 'sleep', '1000');
  for (const words of [
    ['exec', '-it', 'c'],
    ['run', '--rm', '-it', ...box, 'busybox'],
  ]) {
    const terminal = openTerminal(t, [tspod.program, ...words, 'sh', '-c', 'tty; stty size; exit 7'], tspod.env);
    await terminal.shows(/\/dev\/(pts\/\d+|console)\r\n24 80\r\n/);
    assert.equal(await terminal.exit, 7);
  }
});

test('vi draws on the whole terminal and gives it back', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const terminal = openTerminal(t, [tspod.program, ...shell], tspod.env);
  await terminal.shows(/# $/);
  terminal.type('vi /note\r');
  await terminal.shows(/~.*~.*~/s);
  terminal.type('ihello\x1b'); // A colon right behind it would be read as one key with alt.
  await terminal.shows(/hello[\s\S]*- \/note \[Modified\]/);
  terminal.type(':wq\r');
  await terminal.shows(/# $/);
  terminal.type('cat /note; exit\r');
  await terminal.shows(/hello\r\n/);
  assert.equal(await terminal.exit, 0);
});

test('ctrl-p ctrl-q detaches; attach comes back to the same shell', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const first = openTerminal(
    t,
    [tspod.program, 'run', '-it', '--name', 'c', '--network', 'none', 'busybox', 'sh'],
    tspod.env,
  );
  await first.shows(/# $/);
  first.type('mark=kept\r');
  await first.shows(/# $/);
  first.type('\x10\x11');
  await first.shows(/\r\n$/);
  assert.equal(await first.exit, 0);
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Running}}', 'c'), 'true');
  const second = openTerminal(t, [tspod.program, 'attach', 'c'], tspod.env);
  second.type('echo mark=$mark\r');
  await second.shows(/mark=kept\r\n/);
  second.type('exit 3\r');
  assert.equal(await second.exit, 3);
});

test('--detach-keys chooses the keys', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const terminal = openTerminal(
    t,
    [tspod.program, 'run', '-it', '--detach-keys', 'ctrl-x,q', '--name', 'c', '--network', 'none', 'busybox', 'sh'],
    tspod.env,
  );
  await terminal.shows(/# $/);
  terminal.type('\x18q');
  assert.equal(await terminal.exit, 0);
  assert.equal(await tspod.ok('inspect', '--format', '{{.State.Running}}', 'c'), 'true');
});

test("the user's terminal is as before after run -it", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const command = `stty -a >"$0/before"; "$1" run --rm -it --network none busybox true; stty -a >"$0/after"; cmp "$0/before" "$0/after" && echo unchanged`;
  const terminal = openTerminal(t, ['sh', '-c', command, tspod.folder, tspod.program], tspod.env);
  await terminal.shows(/unchanged/);
});

test("run without -t in a user's shell stops with ctrl-z and goes on with fg", async (t) => {
  const tspod = await tspodWithBusybox(t);
  const terminal = openTerminal(t, ['bash', '--norc', '-i'], { ...tspod.env, PS1: 'prompt> ' });
  await terminal.shows(/prompt> $/);
  terminal.type(`${tspod.program} run --rm -i --network none busybox cat\r`);
  await terminal.shows(/\x1b\[\?2004l/); // Until then the line editor of bash has the keys.
  terminal.type('one\r');
  await terminal.shows(/one\r\none\r\n/);
  terminal.type('\x1a');
  await terminal.shows(/Stopped[\s\S]*prompt> $/);
  terminal.type('fg\r');
  await terminal.shows(/\x1b\[\?2004l/);
  terminal.type('two\r');
  await terminal.shows(/two\r\ntwo\r\n/);
  terminal.type('\x04');
  await terminal.shows(/prompt> $/);
  terminal.type('exit\r');
});

test('exec -it opens a terminal in a running container', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('run', '-d', '--name', 'c', '--network', 'none', 'busybox', 'sleep', '1000');
  const terminal = openTerminal(t, [tspod.program, 'exec', '-it', 'c', 'sh'], tspod.env);
  await terminal.shows(/# $/);
  terminal.type('stty size; test -t 0 && echo terminal\r');
  await terminal.shows(/24 80\r\nterminal\r\n/);
  terminal.resize(50, 100);
  terminal.type('stty size\r');
  await terminal.shows(/50 100\r\n/);
  terminal.type('exit 4\r');
  assert.equal(await terminal.exit, 4);
});

test('-t without a terminal still gives the container one', async (t) => {
  const tspod = await tspodWithBusybox(t);
  assert.equal(
    (await tspod('run', '--rm', '-t', '--network', 'none', 'busybox', 'sh', '-c', 'test -t 1 && echo tty')).stdout,
    'tty',
  );
});

test('attach follows a container without a terminal, and its signals', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok(
    'run',
    '-d',
    '--name',
    'c',
    '--network',
    'none',
    'busybox',
    'sh',
    '-c',
    'trap "echo got it; exit 6" INT; while :; do echo tick; sleep 0.1; done',
  );
  const child = tspod.start('attach', 'c');
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  const exit = new Promise((resolve) => child.once('close', resolve));
  await eventually(() => said.includes('tick'), 'attach shows the output');
  child.kill('SIGINT');
  assert.equal(await exit, 6);
  assert.match(said, /got it/);
});
