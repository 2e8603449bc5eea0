import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerFlags } from '../../../src/cli/container-flags.ts';
import { runArguments } from '../../../src/cli/run-arguments.ts';
import type { ContainerConfig } from '../../../src/model/container-config.ts';

test('a unit has the paths and the variables that the words meant where the container was made', () => {
  const settle = (...words: string[]) => {
    const createCommand = ['tspod', 'create', ...words, 'img', './x'];
    const process = { env: ['FOO_A=1', 'BAR=2', 'FOO_B=3'] };
    const config = { name: 'c', createCommand, createDirectory: '/home/me', process } as unknown as ContainerConfig;
    const { globals, options, words: rest } = runArguments(config, containerFlags);
    return [...globals, ...options, ...rest.slice(0, -1)].join(' ');
  };
  const settled = {
    '--mount type=bind,src=./x,dst=/m': '--mount type=bind,src=/home/me/x,dst=/m',
    '--mount=source=x,"type=bind",target=/m': '--mount source=/home/me/x,type=bind,target=/m',
    '--mount type=bind,"src=a,b",dst=/m': '--mount type=bind,"src=/home/me/a,b",dst=/m',
    '--mount type=glob,src=x*,dst=/m': '--mount type=glob,src=/home/me/x*,dst=/m',
    '--mount type=volume,src=x,dst=/m': '--mount type=volume,src=x,dst=/m',
    '-v ../x:/b:ro': '-v /home/x:/b:ro',
    '-v .:/b': '-v /home/me:/b',
    '-v data:/b': '-v data:/b',
    '-v /b': '-v /b',
    '--env-file e --label-file ./l': '--env-file /home/me/e --label-file /home/me/l',
    '--authfile a --cert-dir c': '--authfile /home/me/a --cert-dir /home/me/c',
    '--pidfile p --conmon-pidfile /run/q': '--pidfile /home/me/p --conmon-pidfile /run/q',
    '--init-path i --hosts-file h': '--init-path /home/me/i --hosts-file /home/me/h',
    '--hosts-file none --health-log-destination local': '--hosts-file none --health-log-destination local',
    '--health-log-destination d': '--health-log-destination /home/me/d',
    '--security-opt seccomp=s.json': '--security-opt seccomp=/home/me/s.json',
    '--security-opt seccomp=unconfined': '--security-opt seccomp=unconfined',
    '--root store': '--root /home/me/store',
    '-e FOO*': '-e FOO_A=1 -e FOO_B=3',
    '-e BAR -e NONE': '-e BAR=2',
  };
  for (const [words, expected] of Object.entries(settled)) assert.equal(settle(...words.split(' ')), `${expected} img`);
  assert.equal(settle('--rootfs', './root:O').replace(/ img$/, ''), '--rootfs /home/me/root:O');
});

test('a unit repeats the command line without what it says itself', () => {
  const config = {
    name: 'web',
    createCommand: [
      ...['tspod', 'container', 'run', '--root', '/srv/store', '-dit', '--rm', '--restart=always', '--name', 'other'],
      ...[
        '-p=8080:80',
        '-v',
        './site:/www:ro',
        '-e',
        'LANG',
        '-e',
        'A=$b',
        '--sig-proxy=false',
        '--read-only=false',
        'img',
        'sh',
        '-d',
      ],
    ],
    process: { env: ['PATH=/bin', 'LANG=C.UTF-8'] },
    createDirectory: '/home/me',
  } as unknown as ContainerConfig;
  const definitions = {
    ...containerFlags,
    detach: { ...containerFlags.tty, char: 'd' as const },
    'sig-proxy': containerFlags.rm,
  };
  assert.deepEqual(runArguments(config, definitions), {
    globals: ['--root', '/srv/store'],
    options: [
      ...['-i', '-t', '-p', '8080:80', '-v', '/home/me/site:/www:ro', '-e', 'LANG=C.UTF-8', '-e', 'A=$b'],
      '--read-only=false',
    ],
    name: 'web',
    words: ['img', 'sh', '-d'],
  });
});
