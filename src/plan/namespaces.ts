/** Which namespaces a container has, and which it shares. */
import { UsageError } from '../errors.ts';
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

/**
 * The monitor whose user namespace ours has to join, undefined for one of its own: a process may only join
 * namespaces that its user namespace, or one below it, owns: user_namespaces(7).
 *
 * @throws {UsageError} when the other container has other ids, or there are two of them
 */
export function findUsernsHolder(
  { userns }: Pick<ContainerConfig, 'userns'>,
  joined: Readonly<Record<string, JoinedContainer>>,
): number | undefined {
  const [holder, ...others] = Object.values(joined);
  if (holder === undefined) return undefined;
  if (others.some(({ monitorPid }) => monitorPid !== holder.monitorPid)) {
    throw new UsageError('the namespaces of two containers cannot be joined at once', {
      remedy: 'Join all of them from one container.',
    });
  }
  if (JSON.stringify(holder.userns) !== JSON.stringify(userns)) {
    throw new UsageError(
      `a container with --userns=${holder.userns.kind} cannot be joined with --userns=${userns.kind}`,
      {
        remedy: 'Give both containers the same --userns.',
      },
    );
  }
  if (['auto', 'mapped', 'nomap'].includes(userns.kind)) {
    throw new UsageError(
      'the namespaces of a container with ids of its own choice belong to its user namespace alone',
      {
        remedy: 'Make both containers with --userns=host, which is the default, or keep-id.',
      },
    );
  }
  return holder.monitorPid;
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
      // The network is the monitor's, and stays when init is restarted.
      const pid = type === 'network' ? other.monitorPid : other.initPid;
      return [{ type, path: `/proc/${pid}/ns/${PROC_NAME[type]}` }];
    }
  }
}
