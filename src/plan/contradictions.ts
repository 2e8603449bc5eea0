/** What a request cannot want at once: Podman refuses it when the container is made, and so does this. */
import { UsageError } from '../errors.ts';
import type { ResolvedRequest } from '../model/container-request.ts';
import { checkCapabilities } from './security.ts';

/** @throws {UsageError} when two settings exclude each other */
export function refuseContradictions(request: ResolvedRequest): void {
  const sentence = contradiction(request);
  if (sentence !== undefined) throw new UsageError(sentence, { remedy: 'Leave out one of them.' });
  if (!request.privileged) checkCapabilities(request);
}

function contradiction(request: ResolvedRequest): string | undefined {
  const { init, systemd, pid, ipc, groups } = request;
  if (init && systemd === 'always') {
    return '--init and --systemd=always exclude each other: both are the first process';
  }
  if (init && pid !== undefined && pid.kind !== 'private') {
    return `--init and --pid=${pid.kind} exclude each other: the first process is that of the other namespace`;
  }
  const noShm = ipc?.kind === 'host' ? 'host' : ipc?.kind === 'private' && ipc.scope === 'none' ? 'none' : undefined;
  if (noShm !== undefined && request.shmSize !== undefined) {
    return `--shm-size and --ipc=${noShm} exclude each other: the container has no /dev/shm of its own`;
  }
  if (groups.includes('keep-groups') && groups.length > 1) {
    return 'the --group-add option keep-groups is not allowed with any other --group-add options';
  }
  if (request.cgroups === 'disabled' && request.cgroupParent !== undefined) {
    return '--cgroup-parent and --cgroups=disabled exclude each other: the container has no cgroup';
  }
  return foreignSysctl(request);
}

/** A sysctl of a namespace that is the host's: ipc_namespaces(7), uts_namespaces(7), network_namespaces(7). */
function foreignSysctl({ sysctls, network, ipc, uts }: ResolvedRequest): string | undefined {
  const hosts = [
    { flag: '--network=host', isHost: network?.kind === 'host', names: /^net\./ },
    { flag: '--ipc=host', isHost: ipc?.kind === 'host', names: /^(?:kernel\.(?:msg|sem|shm)|fs\.mqueue\.)/ },
    { flag: '--uts=host', isHost: uts?.kind === 'host', names: /^kernel\.(?:hostname|domainname)$/ },
  ];
  for (const { flag, isHost, names } of hosts) {
    const name = isHost ? Object.keys(sysctls).find((key) => names.test(key.replaceAll('/', '.'))) : undefined;
    if (name !== undefined) return `--sysctl ${name} and ${flag} exclude each other: it would be set for the host`;
  }
  return undefined;
}
