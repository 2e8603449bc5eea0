/** What a container's plan is compiled from, besides its config: where its files are, and whom it joins. */
import { existsSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { nativeProgram } from '../host/native.ts';
import { storePath } from '../host/paths.ts';
import { seccompFilterPath } from '../host/seccomp.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { joinedIds } from '../model/container-dependencies.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { Mount } from '../model/mount.ts';
import type { JoinedContainer, PlanInput, PlanPaths } from '../plan/runtime-plan.ts';
import { chooseSeccompProfile, compileCapabilities } from '../plan/security.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { findContainer } from '../store/containers.ts';
import { layerPath } from '../store/layers.ts';
import { namePath } from '../store/names.ts';
import { layerPaths } from './layer-paths.ts';
import { applyVolumeOptions, checkVolumeDevices, placeVolumes } from './volumes/volume-places.ts';

/**
 * @throws {TspodError} when a container whose namespaces are to be joined does not run, or a volume has lost its directory
 */
export async function findPlanInput(
  config: ContainerConfig,
  facts: HostFacts,
): Promise<Pick<PlanInput, 'config' | 'facts' | 'paths' | 'joined' | 'notifyMode'>> {
  const paths = await findPaths(config, facts);
  const joined = joinedContainers(config);
  checkVolumeDevices(config.mounts);
  const applied = { ...config, mounts: applyVolumeOptions(config.mounts) };
  return { config: await withOwnedMemory(applied), facts, paths, joined, notifyMode: notifyMode(config) };
}

/** A tmpfs with the option `U` belongs to the container's user, whom the image knows. */
async function withOwnedMemory(config: ContainerConfig): Promise<ContainerConfig> {
  const isOwned = ({ type, options }: Mount) => type === 'tmpfs' && options.includes('U');
  if (!config.mounts.some(isOwned)) return config;
  const { findOwner } = await import('./volumes/volume-options.ts');
  const { uid, gid } = findOwner(config);
  const owner = [`uid=${String(uid)}`, `gid=${String(gid)}`];
  const mounts = config.mounts.map((mount) =>
    isOwned(mount) ? { ...mount, options: [...mount.options.filter((word) => word !== 'U'), ...owner] } : mount,
  );
  return { ...config, mounts };
}

/** A unit of a container that exists says with TSPOD_SDNOTIFY who reports to systemd: `generate systemd`. */
function notifyMode({ systemdNotify }: ContainerConfig): ContainerConfig['systemdNotify'] {
  const chosen = process.env['TSPOD_SDNOTIFY'];
  return chosen === 'conmon' || chosen === 'container' || chosen === 'ignore' ? chosen : systemdNotify;
}

async function findPaths(config: ContainerConfig, facts: HostFacts): Promise<PlanPaths> {
  const seccomp = await seccompFilterPath(
    chooseSeccompProfile(config.security),
    compileCapabilities(config).bounding,
    facts,
  );
  const notifySocket = process.env['NOTIFY_SOCKET'];
  return {
    state: containerPath(config.id),
    run: containerRuntimePath(config.id),
    name: namePath(config.name),
    events: storePath('events'),
    layers: layerPaths(config),
    volumes: placeVolumes(config.mounts),
    images: Object.fromEntries(
      config.mounts.flatMap((mount) =>
        mount.type === 'image' ? [[mount.id, mount.layers.map(layerPath)] as const] : [],
      ),
    ),
    program: nativeProgram(),
    ...(config.ipc.kind === 'host' ? { hasQueues: existsSync('/dev/mqueue') } : {}),
    ...(config.security.privileged ? { hostDevices: (await import('../host/devices.ts')).listDevices() } : {}),
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(notifySocket === undefined || notifySocket === '' ? {} : { notifySocket }),
  };
}

function joinedContainers(config: ContainerConfig): Record<string, JoinedContainer> {
  return Object.fromEntries(
    joinedIds(config).map((id) => {
      const { config: other, init, status } = findContainer(id);
      if (init === undefined || status !== 'running') {
        throw new TspodError(`cannot join the namespaces of the container "${other.name}": it is not running`, {
          remedy: `tspod start ${other.name}`,
        });
      }
      return [id, { monitorPid: init.monitorPid, initPid: init.pid, userns: other.userns }];
    }),
  );
}
