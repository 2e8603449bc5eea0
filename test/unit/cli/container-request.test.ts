import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerFlags, type ContainerFlags } from '../../../src/cli/container-flags.ts';
import { limitFlags, type LimitFlags } from '../../../src/cli/container-flags/resources.ts';
import { collectLimitChanges } from '../../../src/cli/container-request/resources.ts';
import { toContainerRequest } from '../../../src/cli/container-request.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import type { Environment } from '../../../src/model/environment.ts';

const environment = { HOME: '/home/me', http_proxy: 'http://proxy:3128' };

const request = (...words: string[]) => requestWith(environment, ...words);

async function requestWith(environment: Environment, ...words: string[]) {
  const { flags, given, argv } = await parseCommandLine(words, containerFlags, {
    interspersed: false,
    command: 'tspod run',
  });
  return toContainerRequest(flags as ContainerFlags, argv, {
    given,
    environment,
    createCommand: ['tspod', 'run', ...words],
  });
}

test('a request has the image, the command as it is, and no defaults of ours', async () => {
  const made = await request('alpine', 'sh', '-c', 'echo a b a', '--rm');
  assert.equal(made.image, 'alpine');
  assert.deepEqual(made.command, ['sh', '-c', 'echo a b a', '--rm']);
  assert.equal(made.remove, false);
  assert.equal(made.pull, 'missing');
  assert.deepEqual(made.resources, {});
  for (const absent of ['entrypoint', 'network', 'logDriver', 'tlsVerify', 'stopTimeout', 'systemdNotify']) {
    assert.equal(absent in made, false, absent);
  }
});

test('every limit on the command line is a limit of the container', async () => {
  const limits = {
    '--memory=64m': { memoryMax: 67_108_864 },
    '--memory-reservation=32m': { memoryReservation: 33_554_432 },
    '--cpu-quota=50000': { cpuQuotaUs: 50_000 },
    '--cpu-period=20000': { cpuPeriodUs: 20_000 },
    '--cpu-shares=512': { cpuShares: 512 },
    '--cpuset-cpus=0-1': { cpusetCpus: '0-1' },
    '--cpuset-mems=0': { cpusetMems: '0' },
    '--pids-limit=50': { pidsMax: 50 },
    '--pids-limit=0': { pidsMax: -1 },
    '--pids-limit=-1': { pidsMax: -1 },
    '--blkio-weight=100': { ioWeight: 100 },
  };
  for (const [flag, resources] of Object.entries(limits)) {
    assert.deepEqual((await request(flag, 'alpine')).resources, resources, flag);
  }
});

test('0 and -1 are no limit, as in Podman', async () => {
  const flags = ['cpu-shares=0', 'cpu-quota=0', 'cpu-quota=-1', 'cpu-period=0', 'blkio-weight=0', 'memory-swap=0'];
  for (const flag of [...flags, 'memory=0', 'memory-reservation=0', 'cpus=0']) {
    assert.deepEqual((await request(`--${flag}`, 'alpine')).resources, {}, flag);
  }
  const limited = await request('--memory=64m', '--memory-swap=0', 'alpine');
  assert.deepEqual(limited.resources, { memoryMax: 67_108_864 });
});

test('update takes a limit away for the sake of a 0', async () => {
  const change = async (...words: string[]) => {
    const { flags, given } = await parseCommandLine(words, limitFlags, { interspersed: true, command: 'tspod update' });
    return collectLimitChanges(flags as LimitFlags, given);
  };
  assert.deepEqual(await change('--cpu-shares=0'), { set: {}, cleared: ['cpuShares'] });
  assert.deepEqual(await change('--cpu-quota=-1', '--cpu-period=20000'), {
    set: { cpuPeriodUs: 20_000 },
    cleared: ['cpuQuotaUs'],
  });
  assert.deepEqual(await change('--blkio-weight=0', '--memory-reservation=0'), {
    set: {},
    cleared: ['ioWeight', 'memoryReservation'],
  });
  assert.deepEqual(await change('--cpu-period=0', '--cpu-quota=0', '--pids-limit=5'), {
    set: { pidsMax: 5 },
    cleared: ['cpuPeriodUs', 'cpuQuotaUs'],
  });
});

test('values are parsed where they enter', async () => {
  const made = await request(
    '-m',
    '64m',
    '--cpus',
    '1.5',
    '-p',
    '8080:80,53:53/udp',
    '-v',
    '/a:/b:ro',
    '--tmpfs',
    '/t:size=1m',
    '-u',
    '1:2',
    '--restart',
    'on-failure:3',
    'alpine',
  );
  assert.deepEqual(made.resources, { memoryMax: 67_108_864, cpuQuotaUs: 150_000, cpuPeriodUs: 100_000 });
  assert.deepEqual(
    made.ports.map(({ hostPort, protocol }) => [hostPort, protocol]),
    [
      [8080, 'tcp'],
      [53, 'udp'],
    ],
  );
  assert.deepEqual(
    made.mounts.map(({ type, target }) => [type, target]),
    [
      ['bind', '/b'],
      ['tmpfs', '/t'],
    ],
  );
  assert.equal(made.user, '1:2');
  assert.deepEqual(made.restart, { name: 'on-failure', maxRetries: 3 });
});

test('variables come from the general to the particular', async () => {
  const made = await request('-e', 'A=1', '-e', 'HOME', '-e', 'NONE', 'alpine');
  assert.deepEqual(made.env, ['http_proxy=http://proxy:3128', 'A=1', 'HOME=/home/me']);
  assert.deepEqual((await request('--http-proxy=false', 'alpine')).env, []);
});

test('an entrypoint is a word, a JSON list, or none', async () => {
  assert.deepEqual((await request('--entrypoint', 'sh', 'alpine')).entrypoint, ['sh']);
  assert.deepEqual((await request('--entrypoint', '["sh","-c"]', 'alpine')).entrypoint, ['sh', '-c']);
  assert.deepEqual((await request('--entrypoint', '[', 'alpine')).entrypoint, ['[']);
  assert.deepEqual((await request('--entrypoint=', 'alpine')).entrypoint, []);
});

test('a root file system may be left unchanged', async () => {
  const { image, rootfs, rootfsOverlay } = await request('--rootfs', '/srv/root:O', 'sh');
  assert.deepEqual({ image, rootfs, rootfsOverlay }, { image: '/srv/root', rootfs: true, rootfsOverlay: true });
});

test('a mount that is given twice is one', async () => {
  const { mounts } = await request('-v', '/home/me:/home/me', '-v', '/home/me:/home/me', '--tmpfs', '/x', 'alpine');
  assert.deepEqual(mounts, [
    { type: 'bind', source: '/home/me', target: '/home/me', options: [] },
    { type: 'tmpfs', target: '/x', options: [] },
  ]);
});

test('PODMAN_USERNS is what --userns is unless that or a mapping is given', async () => {
  const variables = { PODMAN_USERNS: 'keep-id' };
  assert.deepEqual((await requestWith(variables, 'alpine')).userns, { kind: 'keep-id' });
  assert.deepEqual((await requestWith(variables, '--userns', 'nomap', 'alpine')).userns, { kind: 'nomap' });
  assert.equal((await requestWith(variables, '--uidmap', '0:0:1', 'alpine')).userns?.kind, 'mapped');
  const malformed = requestWith({ PODMAN_USERNS: 'keepid' }, 'alpine');
  await assert.rejects(malformed, /^UsageError: the variable PODMAN_USERNS: "keepid" is not a user namespace/);
});

const contradictions: [words: string[], message: RegExp][] = [
  [['--rm', '--restart', 'always', 'alpine'], /--rm and --restart=always exclude each other/],
  [['--rm', '--restart', 'unless-stopped', 'alpine'], /--rm and --restart=unless-stopped exclude each other/],
  [['--memory-swap', '1g', 'alpine'], /there is no --memory/],
  [['-m', '2g', '--memory-swap', '1g', 'alpine'], /smaller than --memory/],
  [['--cpus', '1', '--cpu-quota', '1000', 'alpine'], /--cpus already sets/],
  [['-v', '/a:/x', '-v', '/a:/x:ro', 'alpine'], /two mounts have the destination "\/x"/],
  [['-v', '/a:/x', '--tmpfs', '/x/', 'alpine'], /two mounts have the destination "\/x"/],
  [['--userns', 'keep-id', '--uidmap', '0:0:1', 'alpine'], /exclude each other/],
  [['--platform', 'linux/arm64', '--arch', 'arm64', 'alpine'], /--platform option can not be specified with --arch/],
  [['--security-opt', 'foo=bar', 'alpine'], /"foo=bar" is not a security option/],
  [['--log-opt', 'colour', 'alpine'], /"colour" is not an option of a log/],
  [['--env-file', '/no/such/file', 'alpine'], /cannot read "\/no\/such\/file"/],
  [['--dns', '1.1.1.1', '--network', 'none', 'alpine'], /--dns is no use with --network none/],
  [['--dns-search', 'x.y', '--network', 'container:web', 'alpine'], /--dns-search is no use with --network container/],
  [['-e', '=x', 'alpine'], /it has no name/],
  [['--label', '=x', 'alpine'], /it has no key/],
];
for (const [words, message] of contradictions) {
  test(`"${words.join(' ')}" is refused`, () => assert.rejects(request(...words), message));
}
