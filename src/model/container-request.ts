/**
 * What the user asked for, before defaults: the flags of `run` and `create` as typed values.
 * A missing field means that the flag was not given; plan/complete.ts fills in the image's and our defaults.
 */
import type { AccountConfig } from './account-entry.ts';
import type {
  NamespaceMode,
  NetworkConfig,
  NetworkMode,
  ProcessConfig,
  ResourceConfig,
  SecurityConfig,
  UsernsMode,
} from './container-config.ts';
import type { RestartPolicy } from './restart-policy.ts';
import type { HealthRequest } from './healthcheck.ts';
import type { LogConfig } from './log.ts';
import type { KeptOverlay, Mount, VolumeOptions } from './mount.ts';
import type { Platform } from './platform.ts';
import type { SecretRequest } from './secret.ts';

/** A namespace as the command line names it: `container` holds a name or an id prefix that is not resolved yet. */
export type NamespaceRequest =
  Exclude<NamespaceMode, { kind: 'container' }> | { readonly kind: 'container'; readonly name: string };

/** `container`: the ids of another container. */
export type UsernsRequest =
  | UsernsMode
  | { readonly kind: 'container'; readonly name: string }
  /** `--subuidname`, `--subgidname`: whose subordinate ids. */
  | { readonly kind: 'subids'; readonly names: readonly string[] };

export type NetworkRequest =
  Exclude<NetworkMode, { kind: 'container' }> | { readonly kind: 'container'; readonly name: string };

/** A mount as the command line describes it; an unnamed volume gets its name when the container is made. */
export type MountRequest =
  | ResolvedMountRequest
  | {
      readonly type: 'image';
      readonly source: string;
      readonly target: string;
      readonly options: readonly string[];
      readonly subpath?: string;
    }
  /** Every file that the pattern fits, in the directory `target`; without one where it is on the host. */
  | { readonly type: 'glob'; readonly source: string; readonly target?: string; readonly options: readonly string[] };

/** A mount whose image, or files, have been found. */
export type ResolvedMountRequest =
  | Exclude<Mount, { type: 'volume' }>
  | {
      readonly type: 'volume';
      readonly name?: string;
      readonly target: string;
      readonly options: readonly string[];
      readonly kept?: KeptOverlay;
      readonly volumeOptions?: VolumeOptions;
    };

/** The mounts of another container, with other options. */
export interface VolumesFrom {
  readonly container: string;
  /** `ro`, `rw`, `z` */
  readonly options: readonly string[];
}

export type ImageVolumes = 'bind' | 'tmpfs' | 'ignore';

export type PullPolicy = 'always' | 'missing' | 'never' | 'newer';

/** What the config stores as it is given. */
type StoredAsAsked = Pick<
  ProcessConfig,
  'groups' | 'tty' | 'stdin' | 'ulimits' | 'oomScoreAdj' | 'init' | 'initPath' | 'preserveFds' | 'personality'
> &
  Omit<NetworkConfig, 'mode'> &
  Omit<SecurityConfig, 'seccomp' | 'procOptions'>;

export interface ContainerRequest extends StoredAsAsked {
  /** The image's name or id; with `--rootfs` the directory. */
  readonly image: string;
  readonly rootfs?: boolean;
  readonly rootfsOverlay?: boolean;
  readonly command: readonly string[];
  /** `--entrypoint`; an empty list clears the image's. */
  readonly entrypoint?: readonly string[];
  readonly name?: string;
  /** `--replace`: remove a container that has the name. */
  readonly replace?: boolean;
  readonly pull: PullPolicy;
  readonly platform?: Platform;
  readonly tlsVerify?: boolean;
  readonly authFile?: string;
  readonly certDir?: string;
  /** `USER:PASSWORD` */
  readonly credentials?: string;
  readonly retries?: number;
  readonly retryDelayMs?: number;
  /** `NAME=VALUE`, later ones win; `--env-file` comes before `--env`. Names without a value are already resolved. */
  readonly env: readonly string[];
  /** `--env-merge`: `NAME=VALUE` with variables of the image in the value, for names that the image has. */
  readonly envMerge: readonly string[];
  readonly unsetEnv: readonly string[];
  readonly unsetEnvAll: boolean;
  readonly workdir?: string;
  readonly user?: string;
  readonly umask?: number;
  readonly hostname?: string;
  readonly mounts: readonly MountRequest[];
  readonly secrets: readonly SecretRequest[];
  /** `--volumes-from`: `CONTAINER[:OPTIONS]` */
  readonly volumesFrom: readonly VolumesFrom[];
  /** What becomes of the volumes that the image names. */
  readonly imageVolumes: ImageVolumes;
  readonly readOnlyTmpfs: boolean;
  readonly resources: ResourceConfig;
  readonly cgroups: 'enabled' | 'disabled';
  readonly cgroupParent?: string;
  readonly userns?: UsernsRequest;
  readonly network?: NetworkRequest;
  readonly pid?: NamespaceRequest;
  readonly ipc?: NamespaceRequest;
  readonly uts?: NamespaceRequest;
  readonly cgroupns?: NamespaceRequest;
  /** `unconfined` or a path; missing: the default profile. */
  readonly seccomp?: string;
  readonly procOptions: readonly string[];
  /** bytes */
  readonly shmSize?: number;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly devices: readonly { readonly host: string; readonly container: string; readonly permissions: string }[];
  readonly deviceRules: readonly string[];
  readonly chrootDirectories: readonly string[];
  readonly noHostname: boolean;
  /** `--hostuser`: names or ids. */
  readonly hostUsers: readonly string[];
  readonly timezone?: string;
  readonly accounts: AccountConfig;
  readonly log: Partial<LogConfig>;
  readonly health?: HealthRequest;
  readonly restart?: RestartPolicy;
  /** signal(7) number */
  readonly stopSignal?: number;
  /** seconds */
  readonly stopTimeout?: number;
  /** seconds */
  readonly lifetime?: number;
  /** Names or ids. */
  readonly requires: readonly string[];
  readonly pidfile?: string;
  readonly monitorPidfile?: string;
  readonly remove: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly systemdNotify?: 'container' | 'conmon' | 'ignore';
  /** Whether the container is made ready for systemd: `true` when its command is that. */
  readonly systemd: 'true' | 'false' | 'always';
  readonly detachKeys?: string;
  readonly cidfile?: string;
  readonly createCommand: readonly string[];
  readonly createDirectory?: string;
}

/** A request whose user namespace and mounts are known. */
export type ResolvedRequest = Omit<ContainerRequest, 'userns' | 'mounts'> & {
  readonly userns?: UsernsMode;
  readonly mounts: readonly ResolvedMountRequest[];
};
