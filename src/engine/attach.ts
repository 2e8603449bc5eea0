/** Attach the terminal to a container: the CLI becomes the native attach client. */
import { TspodError } from '../errors.ts';
import { becomeNative, runForeground } from '../host/native.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { containerRuntimePath } from '../store/container-paths.ts';
import { findContainer } from '../store/containers.ts';
import { explainCommand } from './explain.ts';
import { refuseUnreachable } from './unreachable.ts';

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly sigProxy: boolean;
  /** As given: `ctrl-p,ctrl-q`; empty: the keys do nothing. Missing: the container's own. */
  readonly detachKeys?: string | undefined;
}

/** Become the client of a running container; its exit status is the container's. */
export function attachContainer(config: ContainerConfig, options: AttachOptions): never {
  becomeNative(attachWords(config, options));
}

/**
 * The same with something to do after it: the client is a child of ours.
 *
 * @returns the exit status of the client, which is the container's
 */
export async function attachAsChild(config: ContainerConfig, options: AttachOptions): Promise<number> {
  return await runForeground(attachWords(config, options));
}

function attachWords(
  config: ContainerConfig,
  { stdin, stdout, stderr, sigProxy, detachKeys }: AttachOptions,
): string[] {
  return [
    'attach',
    containerRuntimePath(config.id),
    ...(config.process.tty ? ['--tty'] : []),
    ...(stdin && config.process.stdin ? ['--stdin'] : []),
    ...(stdout ? [] : ['--no-stdout']),
    ...(stderr ? [] : ['--no-stderr']),
    ...(sigProxy ? ['--sig-proxy'] : []),
    '--detach-keys',
    detachKeys ?? config.detachKeys,
    '--',
    ...explainCommand(),
  ];
}

/**
 * Attach to a container that runs.
 *
 * @throws {TspodError} when it does not run
 */
export function attachToRunning(name: string, options: AttachOptions): never {
  const { config, status } = findContainer(name);
  if (status !== 'running') {
    throw new TspodError(
      `cannot attach to the container "${config.name}": it is ${status}, and only running containers can be attached to`,
      {
        remedy: `tspod start --attach ${config.name}`,
      },
    );
  }
  refuseUnreachable(config);
  return attachContainer(config, options);
}
