/** Run a program in the user's mapped user namespace, where files of subordinate ids are one's own. */
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { TspodError } from '../errors.ts';
import { becomeNative } from '../host/native.ts';
import { runtimePath, storePath } from '../host/paths.ts';
import { probeHost } from '../host/probe.ts';
import { usernsArgs } from '../host/userns.ts';
import { explainCommand } from './explain.ts';

/**
 * Become the program, as root of a new user namespace; without one, the user's shell.
 *
 * @throws {TspodError} when there is no such program, with the status that a shell gives then
 */
export async function unshare(command: readonly string[]): Promise<never> {
  const [program = process.env['SHELL'] ?? '/bin/sh', ...args] = command;
  checkProgram(program);
  const [verb = '', ...maps] = usernsArgs(await probeHost());
  const explainer = explainCommand('userns');
  process.env['CONTAINERS_GRAPHROOT'] = storePath(); // podman-unshare(1)
  process.env['CONTAINERS_RUNROOT'] = runtimePath();
  return becomeNative([verb, 'else', String(explainer.length), ...explainer, ...maps, '--', program, ...args]);
}

/** Nobody could say so any more once we have become another program. */
function checkProgram(program: string): void {
  const directories = program.includes('/') ? [''] : (process.env['PATH'] ?? '').split(':');
  const paths = directories.map((directory) => join(directory, program)).filter((path) => existsSync(path));
  if (paths.length === 0) {
    throw new TspodError(`the command "${program}" was not found`, {
      exitCode: 127,
      remedy: 'Check its spelling and your PATH.',
    });
  }
  if (paths.some(isExecutable)) return;
  throw new TspodError(`the command "${program}" cannot be invoked: it is not executable`, {
    exitCode: 126,
    remedy: `chmod +x ${paths[0] ?? program}`,
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
