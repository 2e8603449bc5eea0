/** Which namespaces a container has, and which it shares. */
import type { ContainerConfig, NamespaceMode } from '../model/container-config.ts';
import type { SpecNamespace } from '../model/oci-runtime.ts';
import type { JoinedContainer } from './runtime-plan.ts';

/** As `/proc/PID/ns/` calls them: namespaces(7). */
const PROC_NAME = { pid: 'pid', network: 'net', ipc: 'ipc', uts: 'uts', cgroup: 'cgroup' } as const;

/**
 * Compile the namespaces of the runtime spec; the host's are left out.
 *
 * @param joined the containers whose namespaces are shared, by id; they run
 */
export function compileNamespaces(
  config: ContainerConfig,
  joined: Readonly<Record<string, JoinedContainer>>,
): SpecNamespace[] {
  const network: NamespaceMode =
    config.network.mode.kind === 'slirp4netns' ||
    config.network.mode.kind === 'pasta' ||
    config.network.mode.kind === 'none'
      ? { kind: 'private' }
      : config.network.mode;
  const modes = { pid: config.pid, network, ipc: config.ipc, uts: config.uts, cgroup: config.cgroupns };
  const shared = (Object.keys(modes) as (keyof typeof modes)[]).flatMap((type) =>
    compileNamespace(type, modes[type], joined),
  );
  return [{ type: 'user' }, { type: 'mount' }, ...shared];
}

function compileNamespace(
  type: keyof typeof PROC_NAME,
  mode: NamespaceMode,
  joined: Readonly<Record<string, JoinedContainer>>,
): SpecNamespace[] {
  switch (mode.kind) {
    case 'private':
      return [{ type }];
    case 'host':
      return [];
    case 'path':
      return [{ type, path: mode.path }];
    case 'container': {
      const other = joined[mode.id];
      if (other === undefined) throw new Error(`the container "${mode.id}" was not looked up`);
      return [{ type, path: `/proc/${other.initPid}/ns/${PROC_NAME[type]}` }];
    }
  }
}
