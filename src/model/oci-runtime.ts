/**
 * The part of the OCI runtime specification that a container of ours has.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config.md
 */
import type { Personality } from './container-config.ts';
import type { IdMapping } from './id-mapping.ts';

export interface RuntimeSpec {
  readonly ociVersion: '1.2.0';
  readonly process: SpecProcess;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname: string;
  readonly mounts: readonly SpecMount[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux: SpecLinux;
}

export interface SpecProcess {
  readonly terminal: boolean;
  /** `username` is looked up in the container's own /etc/passwd; the ids are known only then. */
  readonly user: { readonly username: string; readonly additionalGroups: readonly string[]; readonly umask: number };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: SpecCapabilities;
  /** `most`: both limits are the caller's hard one, but `hard` at most. */
  readonly rlimits: readonly { readonly type: string; readonly soft: number | 'most'; readonly hard: number }[];
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj?: number;
  /** Elsewhere in the specification, where `exec` would not have it. */
  readonly personality?: Personality;
}

export interface SpecCapabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
  readonly ambient: readonly string[];
}

export interface SpecMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  /** Words of mount(8), the propagation words, and runc's `tmpcopyup`. */
  readonly options: readonly string[];
  /** Of an overlay, the top first. */
  readonly layers?: readonly string[];
  /** Where what is written to it goes; without it nothing can be. */
  readonly written?: { readonly upper: string; readonly work: string };
  /** Only this directory of it is seen. */
  readonly part?: string;
}

export interface SpecLinux {
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
  readonly namespaces: readonly SpecNamespace[];
  readonly devices: readonly { readonly host: string; readonly path: string }[];
  readonly sysctl: Readonly<Record<string, string>>;
  readonly rootfsPropagation: string;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly resources: { readonly unified: Readonly<Record<string, string>> };
}

/** Without a path the namespace is new; the host's is not listed. */
export interface SpecNamespace {
  readonly type: 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup';
  readonly path?: string;
}
