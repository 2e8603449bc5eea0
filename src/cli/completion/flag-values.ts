/** What can be listed of values that a parser checks; a word that ends in `:`, `=` or `,` goes on. */
import { CAPABILITIES } from '../../model/capability.ts';
import { listImageChanges } from '../../model/image-change.ts';
import { LOG_LEVELS } from '../../model/log-level.ts';
import { MOUNT_TYPES } from '../../model/mount-pairs.ts';
import { SLIRP_OPTIONS } from '../../model/namespace-mode.ts';
import { SIGNAL_NAMES } from '../../model/signal.ts';
import { ULIMIT_NAMES } from '../../model/ulimit.ts';
import { WAIT_CONDITIONS } from '../../model/wait-condition.ts';

const NAMESPACES = ['private', 'host', 'container:', 'ns:'];
const CHANGES = listImageChanges().map((instruction) => `${instruction}=`);
const RESTARTS = ['no', 'always', 'unless-stopped', 'on-failure', 'on-failure:'];
/** As Go names them. */
const ARCHITECTURES = ['386', 'amd64', 'arm', 'arm64', 'loong64', 'mips64le', 'ppc64le', 'riscv64', 's390x'];

/** By flag, where the flag itself has no list; it means the same in every command. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  arch: ARCHITECTURES,
  'cap-add': withPrefix('CAP_', CAPABILITIES),
  'cap-drop': withPrefix('CAP_', CAPABILITIES),
  cgroupns: NAMESPACES,
  change: CHANGES,
  condition: WAIT_CONDITIONS,
  'detach-keys': ['ctrl-'],
  dns: ['none'],
  'group-add': ['keep-groups'],
  'health-log-destination': ['local', 'events_logger'],
  'hosts-file': ['image', 'none'],
  ipc: [...NAMESPACES, 'none', 'shareable'],
  'log-level': LOG_LEVELS,
  'log-opt': ['path=', 'max-size=', 'max-file=', 'tag='],
  mount: MOUNT_TYPES.map((type) => `type=${type},`),
  network: ['slirp4netns', 'slirp4netns:', 'pasta', 'pasta:', 'none', 'host', 'private', 'container:', 'ns:'],
  opt: ['type=none', 'type=bind', 'type=tmpfs', 'device=', 'o=', 'copy', 'nocopy'],
  os: ['linux'],
  pid: NAMESPACES,
  platform: ARCHITECTURES.map((architecture) => `linux/${architecture}`),
  restart: RESTARTS,
  'security-opt': [
    ...['apparmor=unconfined', 'label=', 'mask=', 'no-new-privileges', 'proc-opts=', 'seccomp=', 'seccomp=unconfined'],
    ...['systempaths=unconfined', 'unmask=', 'unmask=ALL'],
  ],
  signal: signals(),
  'stop-signal': signals(),
  tz: ['local'],
  ulimit: ['host', ...ULIMIT_NAMES.map((name) => `${name}=`)],
  userns: ['host', 'private', 'keep-id', 'keep-id:', 'auto', 'auto:', 'nomap', 'container:'],
  uts: NAMESPACES,
};

/** What stands behind the colon of a mode. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  network: { 'slirp4netns:': SLIRP_OPTIONS.map((option) => `${option}=`) },
  userns: { 'keep-id:': ['uid=', 'gid='], 'auto:': ['size=', 'uidmapping=', 'gidmapping='] },
};

/** The values that begin so; undefined for a flag that has no list. */
export function listValues(flag: string, begun: string): readonly string[] | undefined {
  const mode = Object.keys(OPTIONS[flag] ?? {}).find((start) => begun.startsWith(start));
  if (mode === undefined) return Object.hasOwn(VALUES, flag) ? VALUES[flag] : undefined;
  const behind = begun.slice(0, Math.max(mode.length, begun.lastIndexOf(',') + 1));
  return OPTIONS[flag]?.[mode]?.map((option) => `${behind}${option}`);
}

function withPrefix(prefix: string, names: readonly string[]): string[] {
  return ['all', ...names.map((name) => name.replace(prefix, '')), ...names];
}

function signals(): string[] {
  return [...SIGNAL_NAMES, ...SIGNAL_NAMES.map((name) => `SIG${name}`)];
}
