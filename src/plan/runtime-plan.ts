/** What starting a container takes, as data: made by compile.ts, carried out by engine/start.ts and host/. */
import type { ContainerConfig, UsernsMode } from '../model/container-config.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { RuntimeSpec } from '../model/oci-runtime.ts';
import type { Op } from './ops.ts';

/** Where a volume is. */
export interface VolumePlace {
  /** What goes with it when it goes. */
  readonly home: string;
  /** What is mounted. */
  readonly data: string;
  /** What the image has goes there while it is empty: with the owner of the image's directory, without, or not at all. */
  readonly fill: 'all' | 'content' | 'none';
}

/** Where the things lie that the config names; found by engine/start.ts. */
export interface PlanPaths {
  /** `containers/<id>` in the store. */
  readonly state: string;
  /** The container's runtime directory: socket, generated files, mount point `rootfs`. */
  readonly run: string;
  /** `containers/by-name/<name>` */
  readonly name: string;
  readonly events: string;
  /** Unpacked layers, lowest first. */
  readonly layers: readonly string[];
  /** Volume name -> directory that is mounted. */
  readonly volumes: Readonly<Record<string, VolumePlace>>;
  /** Id of an image that is mounted -> its unpacked layers, lowest first. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  /** The native program, which is also `--init`. */
  readonly program: string;
  /** A compiled filter; missing: unconfined. */
  readonly seccomp?: string;
  /** Whether the host has /dev/mqueue; asked for `--ipc=host` alone. */
  readonly hasQueues?: boolean;
  /** Device nodes of the host; asked for `--privileged` alone. */
  readonly hostDevices?: readonly string[];
  /** `$NOTIFY_SOCKET` of whoever starts the container. */
  readonly notifySocket?: string;
}

/** Another container whose namespaces this one joins. */
export interface JoinedContainer {
  readonly monitorPid: number;
  readonly initPid: number;
  readonly userns: UsernsMode;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface PlanInput {
  readonly config: ContainerConfig;
  readonly facts: HostFacts;
  readonly paths: PlanPaths;
  /** By container id. */
  readonly joined: Readonly<Record<string, JoinedContainer>>;
  /** `NAME=CONTENT` of secrets that are variables: in no file that outlives the start. */
  readonly secretEnv?: readonly string[];
  /** The CLI will attach: output waits for it. */
  readonly attach: boolean;
  /** Of the terminal that will attach, so that the first process finds it right. */
  readonly terminalSize?: TerminalSize | undefined;
  /** Who tells the notify socket that the container is up: the config's choice, unless this start has another. */
  readonly notifyMode: ContainerConfig['systemdNotify'];
}

export interface RuntimePlan {
  readonly spec: RuntimeSpec;
  readonly ops: readonly Op[];
  readonly rootfs: RootfsPlan;
}

/** How the root file system comes to be at `run/rootfs`. */
export type RootfsPlan =
  | { readonly kind: 'native' }
  /** fuse-overlayfs has to be started in the monitor's namespaces before `go`. */
  | { readonly kind: 'fuse-overlayfs'; readonly target: string; readonly options: readonly string[] }
  /** The layers are to be copied to `target` unless that was done. */
  | {
      readonly kind: 'vfs';
      readonly target: string;
      readonly layers: readonly string[];
      /** `FROM:TO:SIZE:..` in ids of the full map; undefined: owners stay as they are. */
      readonly owners: { readonly uids: string; readonly gids: string } | undefined;
    };

export interface IdMaps {
  /** Of the monitor's user namespace. */
  readonly uidMap: readonly IdMapping[];
  readonly gidMap: readonly IdMapping[];
  /** Of a user namespace nested below it for init; missing: init shares the monitor's. */
  readonly init?: { readonly uidMap: readonly IdMapping[]; readonly gidMap: readonly IdMapping[] };
}
