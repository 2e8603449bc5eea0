import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { missing } from '../support/missing.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { eventually, tspodWithBusybox, type Tspod } from '../support/tspod.ts';

/** How each shell is started with nobody's settings but these. */
const SHELLS: Readonly<Record<string, (tspod: Tspod) => readonly string[]>> = {
  bash: ({ folder }) => {
    writeFileSync(join(folder, 'rc'), "PS1='ready> '\nsource <(tspod completion bash)\n");
    return ['bash', '--noprofile', '--rcfile', join(folder, 'rc'), '-i'];
  },
  zsh: ({ folder }) => {
    const lines = ["PS1='ready> '", 'autoload -Uz compinit', 'compinit -u -D', 'source <(tspod completion zsh)'];
    writeFileSync(join(folder, '.zshrc'), `${lines.join('\n')}\n`);
    return ['zsh', '-i'];
  },
  fish: () => [
    'fish',
    '--no-config',
    '-i',
    '-C',
    'tspod completion fish | source; function fish_prompt; echo -n "ready> "; end',
  ],
};

async function openShell(t: TestContext, tspod: Tspod, shell: string): Promise<Terminal> {
  const env = { ...tspod.env, PATH: `${dirname(tspod.program)}:/usr/bin:/bin`, ZDOTDIR: tspod.folder };
  const terminal = openTerminal(t, SHELLS[shell]?.(tspod) ?? [], env);
  await terminal.shows(/ready> /);
  return terminal;
}

for (const shell of Object.keys(SHELLS)) {
  test(
    `${shell} completes commands, flags, their values and names of containers`,
    { skip: missing(`program:${shell}`) },
    async (t) => {
      const tspod = await tspodWithBusybox(t);
      await tspod.ok('run', '-d', '--network', 'none', '--name', 'lonely', 'busybox', 'sleep', '1000');
      const terminal = await openShell(t, tspod, shell);
      terminal.type('tspod contai\texi\tlone\t && echo found-$(expr 40 + 2)\r');
      await terminal.shows(/found-42/);
      terminal.type('tspod ps --no-t\t--form\tjs\t\r');
      await terminal.shows(/"Names": \[\s+"lonely"/);
      terminal.type('tspod create --name joined --network=cont\tlon\t localhost/busy\t\r');
      await eventually(
        async () =>
          (await tspod('inspect', '--format', '{{slice .HostConfig.NetworkMode 0 10}}', 'joined')).stdout ===
          'container:',
        'the container is made',
      );
      terminal.type('\x15exit\r');
      assert.equal(await terminal.exit, 0);
    },
  );
}

test('__complete answers for every command, and says whether files may be meant', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '-v', 'data:/data', 'busybox');
  const ask = async (...words: string[]) =>
    (await tspod.ok('__complete', ...words)).split('\n').map((line) => line.split('\t')[0]);
  assert.deepEqual(await ask('start', ''), ['c', ':nofiles']);
  assert.deepEqual(await ask('stop', ''), [':nofiles'], 'nothing runs');
  assert.deepEqual(await ask('run', '-it', '-v', 'd'), ['data:', ':files']);
  assert.deepEqual(await ask('run', 'busyb'), ['busybox:latest', 'busybox', ':nofiles']);
  assert.deepEqual(await ask('run', 'busybox', '--'), [':nofiles'], 'the command line of the container');
  assert.deepEqual(await ask('ps', '--sort=n'), ['--sort=names', ':nofiles']);
  assert.deepEqual(await ask('--log-level', 'inf'), ['info', ':nofiles'], 'an option before the command');
  assert.deepEqual(await ask('--storage-driver=v'), ['--storage-driver=vfs', ':nofiles']);
  assert.deepEqual(await ask('--storage-driver', 'vfs', 'unta'), ['untag', ':nofiles']);
  assert.deepEqual(await ask('nonsense', ''), [':nofiles']);
});

test('__complete lists what a flag, a filter or an argument can be', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '-v', 'data:/data', 'busybox');
  const ask = async (...words: string[]) =>
    (await tspod.ok('__complete', ...words))
      .split('\n')
      .map((line) => line.split('\t')[0])
      .join(' ');
  assert.equal(await ask('cp', ''), 'c: :files');
  assert.equal(await ask('container', 'cp', 'file', 'c:/et'), ':nofiles', 'a path in the container');
  assert.equal(await ask('kill', '--signal', 'SIGS'), 'SIGSEGV SIGSTKFLT SIGSTOP SIGSYS :nofiles');
  assert.equal(await ask('run', '--stop-signal=SE'), '--stop-signal=SEGV :nofiles');
  assert.equal(await ask('top', 'c', 'pg'), 'pgid :nofiles');
  assert.equal(await ask('run', '--cap-add', 'NET_A'), 'NET_ADMIN :nofiles');
  assert.equal(await ask('run', '--cap-drop', 'CAP_NET_R'), 'CAP_NET_RAW :nofiles');
  assert.equal(await ask('run', '--network', 'slirp4netns:mtu=9000,ci'), 'slirp4netns:mtu=9000,cidr= :nofiles');
  assert.equal(await ask('run', '--mount', 'type=b'), 'type=bind, :nofiles');
  assert.equal(await ask('volume', 'create', '--opt', 'type='), 'type=none type=bind type=tmpfs :nofiles');
  assert.equal(await ask('run', '--userns=keep-id:'), '--userns=keep-id:uid= --userns=keep-id:gid= :nofiles');
  assert.equal(await ask('run', '--tls-verify=f'), '--tls-verify=false :nofiles');
  assert.equal(await ask('wait', '--condition', 'ex'), 'exited :nofiles');
  assert.equal(await ask('events', '--filter', 'e'), 'event= :nofiles');
  assert.equal(await ask('events', '--filter', 'event=un'), 'event=unpause event=untag :nofiles');
  assert.equal(await ask('ps', '--filter=restart-policy=un'), '--filter=restart-policy=unless-stopped :nofiles');
  assert.equal(await ask('rm', '--filter', 'volume='), 'volume=data :nofiles');
  assert.equal(await ask('image', 'ls', '--filter', 'dangling=t'), 'dangling=true :nofiles');
  assert.equal(await ask('volume', 'prune', '--filter', ''), 'label= label!= until= :nofiles');
  assert.equal(await ask('volume', 'ls', '-f', 'name='), 'name=data :nofiles');
  assert.equal(await ask('secret', 'ls', '-f', ''), 'id= name= :nofiles');
  assert.equal(await ask('inspect', 'd'), 'data :nofiles');
  assert.equal(await ask('ps', '--format', ''), 'json table  :nofiles');
  assert.equal(await ask('ps', '--format', 'table {{.ID}} {{.CG'), 'table {{.ID}} {{.CGROUPNS}} :nofiles');
  assert.equal(
    await ask('container', 'ls', '--format={{ json .Lab'),
    '--format={{ json .Label}} --format={{ json .Labels}} :nofiles',
  );
  assert.equal(await ask('images', '--format', '{{.Reposi'), '{{.Repository}} :nofiles');
  assert.equal(await ask('inspect', '--format', '{{.State.Pi'), '{{.State.Pid}} :nofiles');
  assert.equal(await ask('image', 'inspect', '--format', '{{.Conf'), '{{.Config. :nofiles');
  assert.equal(await ask('info', '-f', '{{.Host.OC'), '{{.Host.OCIRuntime. :nofiles');
  assert.equal(await ask('version', '-f', '{{.Client.Vers'), '{{.Client.Version}} :nofiles');
  assert.equal(await ask('events', '--format', '{{.Ti'), '{{.Time}} {{.TimeNano}} :nofiles');
  assert.equal(await ask('untag', 'busybox', 'busybox:'), 'busybox:latest :nofiles');
});

test('completion of an unknown shell lists those there are', async (t) => {
  const tspod = await tspodWithBusybox(t);
  const { exitCode, stderr } = await tspod('completion', 'tcsh');
  assert.equal(exitCode, 125);
  assert.match(stderr, /"tcsh" is not a shell that can be told\n.*bash, fish, zsh/);
});
