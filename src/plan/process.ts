/** The container's process: arguments, environment, user, limits. */
import type { ContainerConfig } from '../model/container-config.ts';
import type { Ulimit } from '../model/ulimit.ts';
import type { SpecCapabilities, SpecProcess } from '../model/oci-runtime.ts';
import { HOST_ULIMITS } from '../model/ulimit.ts';

/** Where `--init` finds its program. */
export const INIT_PROGRAM = '/run/podman-init';

/** Compile a process of a container: its first one, or one that `exec` brings. */
export function compileProcess(config: ContainerConfig, capabilities: SpecCapabilities): SpecProcess {
  const { process, security } = config;
  return {
    terminal: process.tty,
    user: { username: process.user, additionalGroups: process.groups, umask: process.umask },
    args: [...initOf(process), ...process.entrypoint, ...process.command],
    env: process.env,
    cwd: process.workdir,
    capabilities,
    rlimits: compileUlimits(process.ulimits),
    noNewPrivileges: security.noNewPrivileges,
    ...(process.personality === undefined ? {} : { personality: process.personality }),
    ...(process.oomScoreAdj === undefined ? {} : { oomScoreAdj: process.oomScoreAdj }),
  };
}

/** A program of the user's own as process 1 gets the command line as Podman gives it to catatonit(1). */
function initOf({ init, initPath }: ContainerConfig['process']): string[] {
  return init && initPath !== undefined ? [INIT_PROGRAM, '--'] : [];
}

/** Podman's defaults: as much as the user may have, up to these. */
export const DEFAULT_ULIMITS = { nofile: 1_048_576, nproc: 1_048_576 };

/** The limits with a default that are not asked for. */
export function raisedUlimits(asked: readonly Ulimit[]): (keyof typeof DEFAULT_ULIMITS)[] {
  if (asked.some(({ name }) => name === HOST_ULIMITS.name)) return [];
  return (['nofile', 'nproc'] as const).filter((name) => !asked.some((limit) => limit.name === name));
}

function compileUlimits(asked: readonly Ulimit[]): SpecProcess['rlimits'] {
  const own = asked.filter(({ name }) => name !== HOST_ULIMITS.name);
  const raised = raisedUlimits(asked).map((name) => [name, DEFAULT_ULIMITS[name]] as const);
  return [
    ...raised.map(([name, hard]) => ({ type: `RLIMIT_${name.toUpperCase()}`, soft: 'most' as const, hard })),
    ...own.map(compileUlimit),
  ];
}

function compileUlimit({ name, soft, hard }: Ulimit): SpecProcess['rlimits'][number] {
  return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard };
}
