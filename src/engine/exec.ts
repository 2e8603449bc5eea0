/** Run one more process in a container that is up: the CLI becomes the native exec client. */
import { writeFileSync } from 'node:fs';
import { hasCode, TspodError } from '../errors.ts';
import { refuseMissingDescriptors } from '../host/given-descriptors.ts';
import { becomeNative } from '../host/native.ts';
import { probeHost } from '../host/probe.ts';
import { randomHex } from '../host/random.ts';
import { seccompFilterPath } from '../host/seccomp.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { lowerProcess } from '../plan/lower.ts';
import { encodeOps, type Op } from '../plan/ops.ts';
import { compileProcess } from '../plan/process.ts';
import { chooseSeccompProfile, compileCapabilities, compileExecCapabilities } from '../plan/security.ts';
import { containerRuntimePath } from '../store/container-paths.ts';
import { findContainer } from '../store/containers.ts';
import { explainCommand } from './explain.ts';
import { readSecretVariables } from './secret-variables.ts';
import { refuseStopped, refuseUnreachable } from './unreachable.ts';

/** `tspod exec`: what differs from the container's own process. */
export interface ExecRequest {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly detach: boolean;
  /** `NAME=VALUE` */
  readonly env: readonly string[];
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly privileged: boolean;
  readonly preserveFds: number;
  readonly detachKeys?: string | undefined;
}

/**
 * Become the client of a new process in a container.
 *
 * @throws {TspodError} when the container does not run
 */
export async function execInContainer(name: string, request: ExecRequest): Promise<never> {
  const { config, status } = findContainer(name);
  if (status !== 'running') {
    throw new TspodError(`can only create exec sessions on running containers: "${config.name}" is ${status}`, {
      remedy: `tspod ${status === 'paused' ? 'unpause' : 'start'} ${config.name}`,
      exitCode: 255,
    });
  }
  refuseStopped(config);
  await keepDescriptors(request.preserveFds);
  const runtimeDirectory = containerRuntimePath(config.id);
  const opsFile = containerRuntimePath(config.id, `exec-${randomHex(8)}.ops`);
  const ops = encodeOps(await compileExec(config, request));
  try {
    writeFileSync(opsFile, ops, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) refuseUnreachable(config);
    throw error;
  }
  return becomeNative(['exec', runtimeDirectory, opsFile, ...explainCommand()]);
}

async function compileExec(config: ContainerConfig, request: ExecRequest): Promise<Op[]> {
  const secrets = await readSecretVariables(config);
  const changed: ContainerConfig = {
    ...config,
    process: {
      ...config.process,
      init: false,
      entrypoint: [],
      command: request.command,
      env: mergeEnv(config.process.env, [...secrets, ...(request.tty ? ['TERM=xterm'] : []), ...request.env]),
      user: request.user ?? config.process.user,
      workdir: request.workdir ?? config.process.workdir,
      tty: request.tty,
    },
  };
  const process = compileProcess(changed, compileExecCapabilities(config, request));
  const { bounding } = compileCapabilities(config);
  const seccomp = await seccompFilterPath(chooseSeccompProfile(config.security), bounding, await probeHost());
  const { outside, inside } = lowerProcess(process, { seccomp });
  return [
    [
      'exec-flags',
      `tty=${request.tty ? 'yes' : 'no'}`,
      `detach=${request.detach ? 'yes' : 'no'}`,
      `stdin=${request.stdin ? 'yes' : 'no'}`,
      `detach-keys=${request.detachKeys ?? config.detachKeys}`,
      `id=${randomHex(32)}`,
    ],
    ...(request.preserveFds > 0 ? [['keep-fds', request.preserveFds] as const] : []),
    ...outside,
    ...inside,
    ['cwd', process.cwd, 0],
    ['exec', ...process.args],
  ];
}

async function keepDescriptors(count: number): Promise<void> {
  if (count === 0) return;
  refuseMissingDescriptors(count, 'tspod exec --preserve-fds 1 CONTAINER COMMAND');
  const { keepOverExec } = await import('../host/ffi/libc.ts');
  for (let fd = 3; fd < 3 + count; fd += 1) {
    keepOverExec(fd);
  }
}

function mergeEnv(base: readonly string[], added: readonly string[]): string[] {
  const env = new Map([...base, ...added].map((entry) => [entry.split('=', 1)[0] ?? entry, entry]));
  return [...env.values()];
}
