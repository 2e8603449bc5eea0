/** The network of `run` and `create`, as container-flags/network.ts has it. */
import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { listPorts } from '../../model/port-mapping.ts';
import type { ContainerFlags } from '../container-flags.ts';

/** @throws {UsageError} when flags contradict each other */
export function collectNetwork(flags: ContainerFlags) {
  refuseUnusedDns(flags);
  return {
    network: flags.network,
    hostname: flags.hostname,
    noHostname: flags['no-hostname'],
    exposed: flags.expose?.flatMap(listPorts).map(({ inside }) => inside),
    ports: [...(flags.publish ?? []), ...(flags['publish-all'] ? (flags.expose ?? []) : [])],
    publishAll: flags['publish-all'],
    addHosts: flags['add-host'] ?? [],
    dns: flags.dns ?? [],
    dnsSearch: flags['dns-search'] ?? [],
    dnsOptions: flags['dns-option'] ?? [],
    noHosts: flags['no-hosts'],
    hostsFile: chooseHostsFile(flags),
  };
}

/** @throws {UsageError} for name servers where there is no network of its own: podman-run(1) */
function refuseUnusedDns(flags: ContainerFlags): void {
  const kind = flags.network?.kind;
  if (kind !== 'none' && kind !== 'container') return;
  const given = (['dns', 'dns-option', 'dns-search'] as const).find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(`--${given} is no use with --network ${kind}: conflicting options`, {
    remedy: 'Leave out one of them.',
  });
}

/** A file, or `image` or `none`. */
function chooseHostsFile(flags: ContainerFlags): string | undefined {
  const file = flags['hosts-file'];
  if (flags['no-hosts'] && flags['add-host'] !== undefined) {
    throw new UsageError('--no-hosts leaves /etc/hosts alone, and --add-host writes a line there', {
      remedy: 'Leave out one of them.',
    });
  }
  if (file !== undefined && flags['no-hosts']) {
    throw new UsageError('--no-hosts leaves /etc/hosts alone, and --hosts-file says what it begins with', {
      remedy: 'Leave out one of them.',
    });
  }
  return file === undefined || ['image', 'none'].includes(file) ? file : resolve(file);
}
