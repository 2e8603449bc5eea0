/** Which containers a container needs. */
import type { ContainerConfig, ContainerId } from './container-config.ts';

/** The containers whose namespaces a container shares. */
export function joinedIds(
  config: Pick<ContainerConfig, 'network' | 'pid' | 'ipc' | 'uts' | 'cgroupns'>,
): readonly ContainerId[] {
  const modes = [config.network.mode, config.pid, config.ipc, config.uts, config.cgroupns];
  return [...new Set(modes.flatMap((mode) => (mode.kind === 'container' ? [mode.id] : [])))];
}

/** The containers that must run before a container starts. */
export function dependenciesOf(
  config: Pick<ContainerConfig, 'network' | 'pid' | 'ipc' | 'uts' | 'cgroupns' | 'requires'>,
): readonly ContainerId[] {
  return [...new Set([...joinedIds(config), ...(config.requires ?? [])])];
}
