/** Run a program in the user's mapped user namespace, where files of subordinate ids are one's own. */
import { becomeNative } from '../host/native.ts';
import { probeHost } from '../host/probe.ts';
import { usernsArgs } from '../host/userns.ts';

/** Become the program, as root of a new user namespace; without one, the user's shell. */
export async function unshare(command: readonly string[]): Promise<never> {
  const [program = process.env['SHELL'] ?? '/bin/sh', ...args] = command;
  return becomeNative([...usernsArgs(await probeHost()), '--', program, ...args]);
}
