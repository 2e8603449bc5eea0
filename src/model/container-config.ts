/**
 * What the user asked for, with every default filled in: `containers/<id>/config.json`, the truth
 * about a container. The runtime spec and the init ops are derived from it and never stored with it.
 */
import type { AccountConfig } from './account-entry.ts';
import type { ProcessIdentity } from './container-status.ts';
import type { Digest } from './digest.ts';
import type { HealthConfig } from './healthcheck.ts';
import type { IdMapping } from './id-mapping.ts';
import type { LogConfig } from './log.ts';
import type { Mount } from './mount.ts';
import type { PortMapping } from './port-mapping.ts';
import type { SecretUse } from './secret.ts';
import type { RestartPolicy } from './restart-policy.ts';
import type { Ulimit } from './ulimit.ts';
import type { DeviceLimit } from './device-limit.ts';

/** 64 lower-case hexadecimal digits. */
export type ContainerId = string & { readonly __brand: 'ContainerId' };

export interface ImageUse {
  /** Digest of the image config, `sha256:..`: Podman's image id. */
  readonly id: string;
  /** Digest of the manifest it was pinned to. */
  readonly digest: string;
  /** The full reference it was found under. */
  readonly name: string;
  /** Diff ids of its layers, lowest first. */
  readonly layers: readonly Digest[];
}

/** A directory of the host that serves as the root file system; `overlay` keeps it unchanged. */
export interface RootfsUse {
  readonly path: string;
  readonly overlay: boolean;
}

export interface ProcessConfig {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `NAME=VALUE`, in the order of definition, each name once. */
  readonly env: readonly string[];
  readonly workdir: string;
  /** The working directory is the image's, and is made when it is missing; one that the user names must exist. */
  readonly makeWorkdir: boolean;
  /** As the user or the image wrote it: `user`, `uid`, `user:group`, `uid:gid`; empty is root. */
  readonly user: string;
  readonly groups: readonly string[];
  readonly tty: boolean;
  /** Standard input is kept open (`--interactive`). */
  readonly stdin: boolean;
  readonly umask: number;
  readonly ulimits: readonly Ulimit[];
  readonly oomScoreAdj?: number;
  readonly personality?: Personality;
  /** `--init`: a minimal init that reaps zombies and forwards signals is pid 1. */
  readonly init: boolean;
  /** `--init-path`: a program of the host to use as that; missing: ours. */
  readonly initPath?: string;
  /** How many descriptors from 3 on are kept open (`--preserve-fds`). */
  readonly preserveFds: number;
}

/** Execution domain: personality(2) */
export type Personality = 'LINUX' | 'LINUX32';

export interface ResourceConfig {
  /** bytes */
  readonly memoryMax?: number;
  /** bytes; -1 is unlimited. Memory plus swap, as Podman counts it. */
  readonly memorySwap?: number;
  /** bytes */
  readonly memoryReservation?: number;
  /** CPU time per period, both in microseconds. */
  readonly cpuQuotaUs?: number;
  readonly cpuPeriodUs?: number;
  /** 2 to 262144, as cgroup v1 counts shares; converted to `cpu.weight`. */
  readonly cpuShares?: number;
  /** As in cpuset(7): `0-2,7`. */
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** 10 to 1000 */
  readonly ioWeight?: number;
  readonly ioDeviceWeights?: readonly DeviceLimit[];
  /** bytes a second */
  readonly ioReadBytes?: readonly DeviceLimit[];
  readonly ioWriteBytes?: readonly DeviceLimit[];
  /** operations a second */
  readonly ioReadOperations?: readonly DeviceLimit[];
  readonly ioWriteOperations?: readonly DeviceLimit[];
  /** `--cgroup-conf`: interface files of cgroup v2 and what is written to them. */
  readonly unified?: Readonly<Record<string, string>>;
  /** A count; -1 is unlimited. Podman's default is 2048; undefined when nothing was asked for. */
  readonly pidsMax?: number;
}

/** Where a namespace comes from. `container` names a container id, `path` a namespace file. */
export type NamespaceMode =
  /** An IPC namespace may be joined by others when it is shareable; with `none` there is no /dev/shm. */
  | { readonly kind: 'private'; readonly scope?: 'shareable' | 'none' }
  | { readonly kind: 'host' }
  | { readonly kind: 'container'; readonly id: ContainerId }
  | { readonly kind: 'path'; readonly path: string };

export type NetworkMode =
  | { readonly kind: 'slirp4netns'; readonly options: Readonly<Record<string, string>> }
  | { readonly kind: 'pasta'; readonly options: readonly string[] }
  | { readonly kind: 'none' }
  | NamespaceMode;

/** What `auto` maps in any case, in ids of the full map: `uidmapping`, `gidmapping`. */
interface ForcedMappings {
  readonly uidMap?: readonly IdMapping[];
  readonly gidMap?: readonly IdMapping[];
}

export type UsernsMode =
  /** The user is root inside, the subordinate ids follow. */
  | { readonly kind: 'host' }
  /** The user keeps its uid and gid inside; `uid` and `gid` override which. */
  | { readonly kind: 'keep-id'; readonly uid?: number; readonly gid?: number }
  /** A range that no other `auto` container has; `start` counts in ids of the full map, and is chosen at creation. */
  | ({ readonly kind: 'auto'; readonly size?: number; readonly start?: number } & ForcedMappings)
  /** Like `host`, but the user itself has no id inside. */
  | { readonly kind: 'nomap' }
  /** `--uidmap` and `--gidmap`, in ids of the full map (Podman's intermediate namespace). */
  | { readonly kind: 'mapped'; readonly uidMap: readonly IdMapping[]; readonly gidMap: readonly IdMapping[] };

export interface NetworkConfig {
  readonly mode: NetworkMode;
  readonly ports: readonly PortMapping[];
  /** What the image and `--expose` name: `80/tcp`. */
  readonly exposed?: readonly string[];
  /** `--publish-all`: publish every port the image exposes. */
  readonly publishAll: boolean;
  /** `NAME:ADDRESS` */
  readonly addHosts: readonly string[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly noHosts: boolean;
  /** `--hosts-file`: what /etc/hosts begins with: a file of the host, `image` or `none`; missing: the host's. */
  readonly hostsFile?: string;
}

export interface SecurityConfig {
  /** As given: `CAP_X`, `x`, `all`; evaluated by plan/security.ts. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly noNewPrivileges: boolean;
  /** `default`, `unconfined`, or the path of a profile. */
  readonly seccomp: string;
  /** `label=disable`, `apparmor=unconfined`: as they hold here in any case, they are only told by `inspect`. */
  readonly accessControl?: readonly string[];
  /** Paths, or `ALL`. */
  readonly mask: readonly string[];
  readonly unmask: readonly string[];
  readonly readOnly: boolean;
  /** `--security-opt proc-opts=`: options of the mount at /proc. */
  readonly procOptions?: readonly string[];
}

export type StorageDriver = 'overlay' | 'fuse-overlayfs' | 'vfs';

export interface ContainerConfig {
  readonly version: 1;
  readonly id: ContainerId;
  readonly name: string;
  /** RFC 3339 with nanoseconds or milliseconds, UTC. */
  readonly created: string;
  readonly root: { readonly image: ImageUse } | { readonly rootfs: RootfsUse };
  readonly storageDriver: StorageDriver;
  readonly process: ProcessConfig;
  readonly hostname: string;
  readonly mounts: readonly Mount[];
  /** `--secret`: where they go; what they are is in the container's directory. */
  readonly secrets?: readonly SecretUse[];
  readonly resources: ResourceConfig;
  /** `disabled`: run without a cgroup of its own. */
  readonly cgroups: 'enabled' | 'disabled';
  readonly cgroupParent?: string;
  readonly userns: UsernsMode;
  readonly network: NetworkConfig;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  readonly cgroupns: NamespaceMode;
  readonly security: SecurityConfig;
  /** bytes */
  readonly shmSize: number;
  /** `/proc/sys` key with dots -> value */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Host device -> path inside with permissions `rwm`. */
  readonly devices: readonly { readonly host: string; readonly container: string; readonly permissions: string }[];
  /** `--device-cgroup-rule`: shown; without privileges the files of the host decide. */
  readonly deviceRules?: readonly string[];
  /** `--tz`: below /usr/share/zoneinfo, or `local`. */
  readonly timezone?: string;
  /** `--chrootdirs`: where /etc/hosts and its like are mounted, too. */
  readonly chrootDirectories?: readonly string[];
  /** `--no-hostname`: /etc/hostname is the image's. */
  readonly noHostname?: true;
  readonly accounts?: AccountConfig;
  readonly log: LogConfig;
  readonly health?: HealthConfig;
  /** The user wants none, whatever the image has. */
  readonly noHealthcheck?: true;
  readonly restart: RestartPolicy;
  /** signal(7) number */
  readonly stopSignal: number;
  /** seconds */
  readonly stopTimeout: number;
  /** `--timeout`: seconds after which the first process is killed; missing: never. */
  readonly lifetime?: number;
  /** `--requires`: containers that run before this one starts. */
  readonly requires?: readonly ContainerId[];
  /** `--volumes-from`, as given; the mounts are among `mounts`. */
  readonly volumesFrom?: readonly string[];
  /** Files that a start writes: pid of the first process, pid of the monitor. */
  readonly pidfile?: string;
  readonly monitorPidfile?: string;
  /** The file with the id, for `inspect`. */
  readonly cidfile?: string;
  /** `--rm` */
  readonly remove: boolean;
  /**
   * The CLI that starts it as soon as it has made it, or ended it: others wait for that. A `--rm` container whose starter
   * was killed is garbage.
   */
  readonly starter?: ProcessIdentity;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly systemdNotify: 'container' | 'conmon' | 'ignore';
  /** It is made ready for systemd as its first process. */
  readonly systemd?: true;
  readonly detachKeys: string;
  /** The command line that made it: shown by inspect, used by `generate systemd --new`. */
  readonly createCommand: readonly string[];
  /** Where that was: what its relative paths are below. Absent in a directory that was removed. */
  readonly createDirectory?: string;
}
