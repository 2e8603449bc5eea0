/** The container's process: arguments, environment, user, limits. */
import type { ContainerConfig, Ulimit } from '../model/container-config.ts';
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
const DEFAULT_ULIMITS = { nofile: 1_048_576, nproc: 1_048_576 };

function compileUlimits(asked: readonly Ulimit[]): SpecProcess['rlimits'] {
  const own = asked.filter(({ name }) => name !== HOST_ULIMITS.name);
  if (own.length < asked.length) return own.map(compileUlimit);
  const raised = Object.entries(DEFAULT_ULIMITS).filter(([name]) => !own.some((limit) => limit.name === name));
  return [
    ...raised.map(([name, hard]) => ({ type: `RLIMIT_${name.toUpperCase()}`, soft: 'most' as const, hard })),
    ...own.map(compileUlimit),
  ];
}

function compileUlimit({ name, soft, hard }: Ulimit): SpecProcess['rlimits'][number] {
  return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard };
}
