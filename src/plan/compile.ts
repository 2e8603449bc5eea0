/** Compile a container to a plan: the runtime spec, and the ops that carry it out. Pure. */
import type { ContainerConfig } from '../model/container-config.ts';
import type { RuntimeSpec } from '../model/oci-runtime.ts';
import { compileCgroup } from './cgroup.ts';
import { compileIdMaps } from './id-maps.ts';
import { DEFAULT_DEVICES, lower } from './lower.ts';
import { compileMounts } from './mounts.ts';
import { compileNamespaces } from './namespaces.ts';
import { compileProcess } from './process.ts';
import { compileRootfs } from './rootfs.ts';
import type { PlanInput, PlanPaths, RuntimePlan } from './runtime-plan.ts';
import { compileCapabilities, compileKernelPaths } from './security.ts';
import { systemdVariables } from './systemd.ts';

/** @throws {UsageError} when the host or the user's ids do not allow what the config asks for */
export function compile(input: PlanInput): RuntimePlan {
  const { config, facts, paths, joined } = input;
  const maps = compileIdMaps(config.userns, facts);
  const kernelPaths = compileKernelPaths(config);
  const cgroup = compileCgroup(config, facts);
  const { rootfs, ops: root } = compileRootfs(input, maps);
  const process = compileProcess(config, compileCapabilities(config));
  const spec: RuntimeSpec = {
    ociVersion: '1.2.0',
    process: { ...process, env: [...process.env, ...systemdVariables(config, process.env)] },
    root: { path: `${paths.run}/rootfs`, readonly: config.security.readOnly },
    hostname: config.uts.kind === 'private' ? config.hostname : '',
    mounts: compileMounts(config, facts, maps, paths),
    annotations: config.annotations,
    linux: {
      uidMappings: maps.init?.uidMap ?? maps.uidMap,
      gidMappings: maps.init?.gidMap ?? maps.gidMap,
      namespaces: compileNamespaces(config, joined),
      devices: compileDevices(config, paths),
      sysctl: config.sysctls,
      rootfsPropagation: 'rslave',
      maskedPaths: kernelPaths.masked,
      readonlyPaths: kernelPaths.readonly,
      resources: { unified: Object.fromEntries(cgroup.map(({ file, value }) => [file, value])) },
    },
  };
  return { spec, rootfs, ops: lower(spec, { input, maps, cgroup, root }) };
}

/** What the user asked for, and for a privileged container what else the host has: the default ones are there anyway. */
function compileDevices(
  { devices }: ContainerConfig,
  { hostDevices = [] }: PlanPaths,
): RuntimeSpec['linux']['devices'] {
  const asked = devices.map(({ host, container }) => ({ host, path: container }));
  const taken = new Set([...DEFAULT_DEVICES.map((name) => `/dev/${name}`), ...asked.map(({ path }) => path)]);
  return [...hostDevices.filter((path) => !taken.has(path)).map((path) => ({ host: path, path })), ...asked];
}
