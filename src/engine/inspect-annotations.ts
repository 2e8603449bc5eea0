/** The annotations that `inspect` shows: the user's, and what Podman notes of some flags. */
import type { ContainerConfig } from '../model/container-config.ts';

/** Podman's own are what `podman generate kube` and the like read flags from. */
export function inspectAnnotations(config: ContainerConfig): Record<string, string> {
  const { process, security, network, remove, volumesFrom, annotations } = config;
  return {
    'io.kubernetes.cri-o.TTY': String(process.tty),
    ...named('autoremove', upper(remove)),
    ...named('init', upper(process.init)),
    ...named('privileged', upper(security.privileged)),
    ...named('publish-all', upper(network.publishAll)),
    ...(security.seccomp === 'default' ? {} : named('seccomp', security.seccomp)),
    ...inspectAccessControl(security.accessControl),
    ...(volumesFrom === undefined ? {} : named('volumes-from', volumesFrom.join(';'))),
    ...annotations,
  };
}

function inspectAccessControl(options: readonly string[] = []): Record<string, string> {
  const pairs = options.map((option) => /^(\w+)=(.*)$/s.exec(option) ?? []);
  const keys = new Set(pairs.map(([, key = '']) => key));
  const valuesOf = (wanted: string) => pairs.flatMap(([, key, value = '']) => (key === wanted ? [value] : []));
  return Object.assign({}, ...[...keys].map((key) => named(key, valuesOf(key).join(',')))) as Record<string, string>;
}

function named(flag: string, value: string): Record<string, string> {
  return { [`io.podman.annotations.${flag}`]: value };
}

function upper(value: boolean): string {
  return String(value).toUpperCase();
}
