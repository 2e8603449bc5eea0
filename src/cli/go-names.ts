/** Names of fields in templates, where they are not those of the JSON. */

/** Words that Go writes in capitals. */
const WHOLE: Readonly<Record<string, string>> = {
  apparmorEnabled: 'AppArmorEnabled',
  capabilities: 'DefaultCapabilities',
  cgroupVersion: 'CgroupsVersion',
  cpuUtilization: 'CPUUtilization',
  cpus: 'CPUs',
  idMappings: 'IDMappings',
  ociRuntime: 'OCIRuntime',
  os: 'OS',
  seccompEnabled: 'SECCOMPEnabled',
  seccompProfilePath: 'SECCOMPProfilePath',
  selinuxEnabled: 'SELinuxEnabled',
  slirp4netns: 'Slirp4NetNS',
  uidmap: 'UIDMap',
  gidmap: 'GIDMap',
};

/** The same data with the fields of Go's structs: Podman's templates say `.Host.OS` where its JSON says `host.os`. */
export function withGoNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withGoNames);
  if (typeof value !== 'object' || value === null) return value;
  const named = Object.fromEntries(Object.entries(value).map(([key, item]) => [goName(key), withGoNames(item)]));
  return jsonAs(named, value);
}

/** A value for templates, of which their `json` makes what another value is. */
export function jsonAs(shown: object, original: unknown): object {
  return Object.defineProperty(shown, 'toJSON', { value: () => original });
}

function goName(key: string): string {
  if (Object.hasOwn(WHOLE, key)) return WHOLE[key] ?? key;
  return key
    .split('_')
    .map((word) => (word === 'id' ? 'ID' : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}
