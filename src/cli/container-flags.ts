/** The flags of `run` and `create`: Podman's names and defaults. container-request.ts makes a request of them. */
import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { parseBytes, parseBytesOrUnlimited } from '../model/bytes.ts';
import { parseDetachKeys } from '../model/detach-keys.ts';
import { parseDevice } from '../model/device.ts';
import { parseSeconds } from '../model/duration.ts';
import { parseDnsServer, parseHostEntry, parseHostname } from '../model/host-entry.ts';
import { parseIdMapping } from '../model/id-mapping.ts';
import { parseSysctl } from '../model/key-value.ts';
import { parseMount, parseTmpfs, parseVolume } from '../model/mount-syntax.ts';
import { parseNamespaceMode, parseNetworkMode, parseUsernsMode } from '../model/namespace-mode.ts';
import { parseCpus, parseCpuset, parseInteger, parseUmask } from '../model/numbers.ts';
import { parsePlatform } from '../model/platform.ts';
import { parseExposedPort, parsePortMapping } from '../model/port-mapping.ts';
import { parseRestartPolicy } from '../model/restart-policy.ts';
import { parseSignal } from '../model/signal.ts';
import { parseUlimit } from '../model/ulimit.ts';
import { parseUser } from '../model/user.ts';
import { parsed } from './flag.ts';

const integer = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  parsed((text) => parseInteger(text, { least, most }));
const namespace = (flag: string) => parsed((text) => parseNamespaceMode(text, flag));
/** Go's string slices: several values in one text, with commas between them. */
const list = { multiple: true, delimiter: ',' } as const;
const each = { multiple: true } as const;

const processFlags = {
  entrypoint: Flags.string({
    description: "program to start instead of the image's; a JSON list gives arguments too",
    helpValue: 'COMMAND',
  }),
  env: Flags.string({
    char: 'e',
    description: 'set an environment variable; without a value, the one it has here',
    helpValue: 'NAME=VALUE',
    ...each,
  }),
  'env-file': Flags.string({
    description: 'read environment variables from a file, one a line',
    helpValue: 'FILE',
    ...each,
  }),
  'env-host': Flags.boolean({ description: 'pass all environment variables that are set here' }),
  'http-proxy': Flags.boolean({
    description: 'pass the proxy settings that are set here (http_proxy and the like)',
    default: true,
  }),
  unsetenv: Flags.string({ description: 'leave out a variable that the image sets', helpValue: 'NAME', ...each }),
  'unsetenv-all': Flags.boolean({ description: 'leave out all variables that the image or tspod sets' }),
  'group-add': Flags.string({
    description: 'additional group of the process; "keep-groups" keeps those you have',
    helpValue: 'GROUP',
    ...list,
  }),
  init: Flags.boolean({ description: 'run a small init as process 1, which forwards signals and reaps zombies' }),
  interactive: Flags.boolean({ char: 'i', description: 'keep standard input open' }),
  'oom-score-adj': integer(
    -1000,
    1000,
  )({ description: 'how likely the kernel kills it when memory runs out', helpValue: 'NUMBER' }),
  'preserve-fds': integer(
    0,
    1024,
  )({ description: 'pass this many file descriptors, from 3 on, to the process', helpValue: 'COUNT' }),
  tty: Flags.boolean({ char: 't', description: 'allocate a terminal for the process' }),
  ulimit: parsed(parseUlimit)({ description: 'resource limit of the process', helpValue: 'NAME=SOFT:HARD', ...list }),
  umask: parsed(parseUmask)({ description: 'umask of the process', helpValue: 'MODE' }),
  user: parsed(parseUser)({
    char: 'u',
    description: 'user, and group, that the process runs as',
    helpValue: 'USER[:GROUP]',
  }),
  workdir: Flags.string({ char: 'w', description: 'directory that the process starts in', helpValue: 'DIR' }),
};

const resourceFlags = {
  'cgroup-parent': Flags.string({
    description: "slice, or cgroup, that the container's is made below",
    helpValue: 'PATH',
  }),
  cgroupns: namespace('--cgroupns')({
    description: 'cgroup namespace: private, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
  cgroups: Flags.string({
    description: 'whether the container has a cgroup of its own',
    options: ['enabled', 'disabled', 'no-conmon', 'split'],
    default: 'enabled',
    helpValue: 'MODE',
  }),
  'cpu-period': integer(
    1000,
    1_000_000,
  )({ description: 'length of the period that --cpu-quota counts for, in microseconds', helpValue: 'US' }),
  'cpu-quota': integer(1000)({ description: 'CPU time each period, in microseconds', helpValue: 'US' }),
  'cpu-shares': integer(
    2,
    262_144,
  )({ char: 'c', description: 'weight among others when CPU time is short; 1024 is usual', helpValue: 'NUMBER' }),
  cpus: parsed(parseCpus)({ description: 'how many CPUs it may keep busy', helpValue: 'NUMBER' }),
  'cpuset-cpus': parsed(parseCpuset)({ description: 'CPUs it may run on: 0-3,5', helpValue: 'CPUS' }),
  'cpuset-mems': parsed(parseCpuset)({ description: 'memory nodes it may use: 0,1', helpValue: 'NODES' }),
  memory: parsed(parseBytes)({ char: 'm', description: 'memory limit', helpValue: 'SIZE' }),
  'memory-reservation': parsed(parseBytes)({ description: 'memory that is not reclaimed from it', helpValue: 'SIZE' }),
  'memory-swap': parsed(parseBytesOrUnlimited)({
    description: 'limit of memory and swap together; -1 is unlimited',
    helpValue: 'SIZE',
  }),
  'pids-limit': integer(-1)({ description: 'limit of processes and threads; -1 is unlimited', helpValue: 'COUNT' }),
  'shm-size': parsed(parseBytes)({ description: 'size of /dev/shm', helpValue: 'SIZE' }),
};

const storageFlags = {
  device: parsed(parseDevice)({
    description: 'device of the host to have in the container',
    helpValue: 'HOST[:CONTAINER][:rwm]',
    ...list,
  }),
  mount: parsed((text) => parseMount(text, process.cwd()))({
    description: 'mount something: type=bind,source=/a,target=/b,ro',
    helpValue: 'PAIRS',
    ...each,
  }),
  'read-only': Flags.boolean({ description: 'make the root file system read-only' }),
  'read-only-tmpfs': Flags.boolean({
    description: 'with --read-only, have a tmpfs at /run, /tmp and /var/tmp',
    default: true,
  }),
  rootfs: Flags.boolean({
    description: 'the first argument is a directory that holds a root file system; DIR:O leaves it unchanged',
  }),
  tmpfs: parsed(parseTmpfs)({ description: 'mount a tmpfs', helpValue: 'TARGET[:OPTIONS]', ...each }),
  volume: parsed((text) => parseVolume(text, process.cwd()))({
    char: 'v',
    description: 'mount a directory of the host or a named volume',
    helpValue: '[SOURCE:]TARGET[:OPTIONS]',
    ...each,
  }),
};

const networkFlags = {
  'add-host': parsed(parseHostEntry)({ description: 'line for /etc/hosts', helpValue: 'NAME:ADDRESS', ...list }),
  dns: parsed(parseDnsServer)({
    description: 'name server; "none" leaves /etc/resolv.conf as the image has it',
    helpValue: 'ADDRESS',
    ...list,
  }),
  'dns-option': Flags.string({ description: 'option line of /etc/resolv.conf', helpValue: 'OPTION', ...list }),
  'dns-search': Flags.string({ description: 'domain that names are looked up in', helpValue: 'DOMAIN', ...list }),
  expose: parsed(parseExposedPort)({
    description: 'port that --publish-all publishes too',
    helpValue: 'PORT[/PROTOCOL]',
    ...list,
  }),
  hostname: parsed(parseHostname)({ char: 'h', description: 'name of the host in the container', helpValue: 'NAME' }),
  network: parsed(parseNetworkMode)({
    aliases: ['net'],
    description: 'network: slirp4netns[:OPTIONS], pasta[:OPTIONS], none, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
  'no-hosts': Flags.boolean({ description: 'leave /etc/hosts as the image has it' }),
  publish: parsed(parsePortMapping)({
    char: 'p',
    description: 'publish a port, or a range, at the host',
    helpValue: '[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]',
    ...list,
  }),
  'publish-all': Flags.boolean({
    char: 'P',
    description: 'publish all ports that the image exposes at free ports of the host',
  }),
};

const securityFlags = {
  'cap-add': Flags.string({
    description: 'capability to have as well; "all" for all',
    helpValue: 'CAPABILITY',
    ...list,
  }),
  'cap-drop': Flags.string({
    description: 'capability to do without; "all" for all',
    helpValue: 'CAPABILITY',
    ...list,
  }),
  gidmap: parsed(parseIdMapping)({
    description: 'map group ids of the container to ids of your range',
    helpValue: 'CONTAINER:HOST:SIZE',
    ...list,
  }),
  ipc: namespace('--ipc')({
    description: 'IPC namespace: private, shareable, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
  pid: namespace('--pid')({
    description: 'process namespace: private, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
  privileged: Flags.boolean({ description: 'give the container all that you may do yourself' }),
  'security-opt': Flags.string({
    description: 'seccomp=FILE|unconfined, no-new-privileges, mask=PATHS, unmask=PATHS|ALL',
    helpValue: 'OPTION',
    ...each,
  }),
  sysctl: parsed(parseSysctl)({
    description: "kernel parameter of the container's namespaces",
    helpValue: 'NAME=VALUE',
    ...list,
  }),
  uidmap: parsed(parseIdMapping)({
    description: 'map user ids of the container to ids of your range',
    helpValue: 'CONTAINER:HOST:SIZE',
    ...list,
  }),
  userns: parsed(parseUsernsMode)({
    description: 'user namespace: host, keep-id[:uid=U,gid=G] or auto[:size=N]',
    helpValue: 'MODE',
  }),
  uts: namespace('--uts')({
    description: 'host name namespace: private, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
};

const lifeFlags = {
  annotation: Flags.string({
    description: 'annotation of the OCI runtime specification',
    helpValue: 'KEY=VALUE',
    ...list,
  }),
  attach: Flags.string({
    char: 'a',
    description: 'stream to attach to, instead of all',
    options: ['stdin', 'stdout', 'stderr'],
    helpValue: 'STREAM',
    ...list,
  }),
  authfile: Flags.string({ description: 'file with the credentials for registries', helpValue: 'FILE' }),
  arch: Flags.string({ description: 'architecture of the image', helpValue: 'ARCH' }),
  cidfile: Flags.string({ description: "write the container's id to a new file", helpValue: 'FILE' }),
  'detach-keys': parsed(parseDetachKeys)({
    description: 'keys that detach, with commas between them; empty: none do',
    helpValue: 'KEYS',
  }),
  label: Flags.string({ char: 'l', description: 'label of the container', helpValue: 'KEY=VALUE', ...each }),
  'label-file': Flags.string({ description: 'read labels from a file, one a line', helpValue: 'FILE', ...each }),
  'log-driver': Flags.string({
    description: 'where output goes',
    options: ['k8s-file', 'json-file', 'none', 'passthrough'],
    default: 'k8s-file',
    helpValue: 'DRIVER',
  }),
  'log-opt': Flags.string({ description: 'option of the log: path=FILE, max-size=SIZE', helpValue: 'OPTION', ...list }),
  name: Flags.string({ description: 'name of the container; a random one otherwise', helpValue: 'NAME' }),
  os: Flags.string({ description: 'operating system of the image', helpValue: 'OS' }),
  platform: parsed(parsePlatform)({ description: 'platform of the image', helpValue: 'OS/ARCH[/VARIANT]' }),
  pull: Flags.string({
    description: 'when to pull the image',
    options: ['always', 'missing', 'never', 'newer'],
    default: 'missing',
    helpValue: 'POLICY',
  }),
  quiet: Flags.boolean({ char: 'q', description: 'no words about the progress of a pull' }),
  replace: Flags.boolean({ description: 'remove a container that has the name' }),
  restart: parsed(parseRestartPolicy)({
    description: 'when to start again after an exit: no, always, unless-stopped, on-failure[:TIMES]',
    helpValue: 'POLICY',
  }),
  rm: Flags.boolean({ description: 'remove the container, and its anonymous volumes, after the exit' }),
  sdnotify: Flags.string({
    description: 'who tells systemd that the service is ready',
    options: ['container', 'conmon', 'ignore'],
    default: 'container',
    helpValue: 'MODE',
  }),
  'stop-signal': parsed(parseSignal)({ description: 'signal that asks the process to end', helpValue: 'SIGNAL' }),
  'stop-timeout': parsed(parseSeconds)({
    description: 'how long it may take to end, in seconds, before it is killed',
    helpValue: 'SECONDS',
  }),
  'tls-verify': Flags.boolean({ description: 'demand HTTPS with a valid certificate of registries', default: true }),
  variant: Flags.string({ description: 'variant of the architecture of the image', helpValue: 'VARIANT' }),
};

const IGNORED = 'accepted for the sake of scripts written for Podman; it changes nothing';
const ignoredFlags = {
  'conmon-pidfile': Flags.string({ description: IGNORED, hidden: true }),
  'disable-content-trust': Flags.boolean({ description: IGNORED, hidden: true }),
  systemd: Flags.string({ description: IGNORED, hidden: true }),
};

export const containerFlags = {
  ...processFlags,
  ...resourceFlags,
  ...storageFlags,
  ...networkFlags,
  ...securityFlags,
  ...lifeFlags,
  ...ignoredFlags,
};

/** The values of `containerFlags` after parsing. */
export type ContainerFlags = Interfaces.InferredFlags<typeof containerFlags>;
