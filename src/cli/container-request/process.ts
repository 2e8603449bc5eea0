/** The process of `run` and `create`, as container-flags/process.ts has it. */
import { resolve } from 'node:path';
import type { ContainerRequest } from '../../model/container-request.ts';
import type { Environment } from '../../model/environment.ts';
import type { ContainerFlags } from '../container-flags.ts';
import { collectVariables } from './environment.ts';
import { withoutMissing } from './loose.ts';

interface ProcessContext {
  /** The flags that stood on the command line. */
  readonly given: ReadonlySet<string>;
  readonly environment: Environment;
}

/** @throws {TspodError} when a file of variables cannot be read */
export function collectProcess(flags: ContainerFlags, { given, environment }: ProcessContext) {
  return {
    entrypoint: given.has('entrypoint') ? parseEntrypoint(flags.entrypoint ?? '') : undefined,
    env: collectVariables(flags, environment),
    envMerge: flags['env-merge'] ?? [],
    unsetEnv: flags.unsetenv ?? [],
    unsetEnvAll: flags['unsetenv-all'],
    workdir: flags.workdir,
    user: flags.user,
    groups: flags['group-add'] ?? [],
    tty: flags.tty,
    stdin: flags.interactive || (flags.attach?.includes('stdin') ?? false),
    umask: flags.umask,
    ulimits: flags.ulimit ?? [],
    oomScoreAdj: flags['oom-score-adj'],
    init: flags.init,
    initPath: given.has('init-path') ? resolve(flags['init-path'] ?? '') : undefined,
    preserveFds: flags['preserve-fds'] ?? 0,
    detachKeys: flags['detach-keys'],
    personality: flags.personality as ContainerRequest['personality'],
    hostUsers: flags.hostuser ?? [],
    timezone: flags.tz,
    accounts: withoutMissing<ContainerRequest['accounts']>({
      isAdded: flags.passwd,
      passwdEntry: flags['passwd-entry'],
      groupEntry: flags['group-entry'],
    }),
  };
}

/** A JSON list of strings, or one word. */
function parseEntrypoint(text: string): string[] {
  if (text === '') return [];
  if (!text.startsWith('[')) return [text];
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
  } catch {
    // A program may be called "[".
  }
  return [text];
}
