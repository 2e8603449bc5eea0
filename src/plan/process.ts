/** The container's process: arguments, environment, user, limits. */
import type { ContainerConfig, Ulimit } from '../model/container-config.ts';
import type { SpecCapabilities, SpecProcess } from '../model/oci-runtime.ts';

/** Compile a process of a container: its first one, or one that `exec` brings. */
export function compileProcess(config: ContainerConfig, capabilities: SpecCapabilities): SpecProcess {
  const { process, security } = config;
  return {
    terminal: process.tty,
    user: { username: process.user, additionalGroups: process.groups, umask: process.umask },
    args: [...process.entrypoint, ...process.command],
    env: process.env,
    cwd: process.workdir,
    capabilities,
    rlimits: process.ulimits.map(compileUlimit),
    noNewPrivileges: security.noNewPrivileges,
    ...(process.oomScoreAdj === undefined ? {} : { oomScoreAdj: process.oomScoreAdj }),
  };
}

function compileUlimit({ name, soft, hard }: Ulimit): SpecProcess['rlimits'][number] {
  return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard };
}
