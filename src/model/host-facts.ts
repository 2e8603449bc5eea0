/** What this host grants this user: found by host/probe.ts, read by plan/. Plain data, so that it can be cached as JSON. */
export interface IdRange {
  readonly start: number;
  readonly count: number;
}

export interface HostFacts {
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly home: string;
  readonly hostname: string;
  /** From /etc/subuid, /etc/subgid or getsubids; empty: only a single-id mapping is possible. */
  readonly subuids: readonly IdRange[];
  readonly subgids: readonly IdRange[];
  /** From here on /etc/subuid and /etc/subgid give nobody anything; missing: found by an earlier version. */
  readonly freeSubid?: number;
  /** How many uids our user namespace has, where it is not the host's own: no file gives more. */
  readonly idsHere?: number;
  /** Absolute paths of the helpers that are installed. */
  readonly helpers: Readonly<
    Partial<Record<'newuidmap' | 'newgidmap' | 'fuse-overlayfs' | 'slirp4netns' | 'pasta', string>>
  >;
  readonly cgroup: {
    /** 2 only where the v2 hierarchy is mounted at /sys/fs/cgroup. */
    readonly version: 1 | 2;
    /** Controllers that the user may use in its delegated subtree. */
    readonly controllers: readonly string[];
    /** How a container gets its cgroup. `scope`: a transient scope of the user's manager; `subtree`: below our own writable cgroup. */
    readonly manager: 'scope' | 'subtree' | 'none';
    /** The kernel counts swap: there is a `memory.swap.max`. */
    readonly swap: boolean;
  };
  /** The kernel overlays for an unprivileged user (userxattr), as a real mount showed. */
  readonly kernelOverlay: boolean;
  /** What the native program said when it could not become root of a user namespace; absent where it could. */
  readonly usernsRefusal?: string;
  /** Kernel release, `6.1.0-..` */
  readonly kernel: string;
  readonly bootId: string;
}

/** Who makes cgroups, in Podman's words. */
export function cgroupManagerName({ cgroup: { manager } }: HostFacts): 'systemd' | 'cgroupfs' | 'none' {
  return ({ scope: 'systemd', subtree: 'cgroupfs', none: 'none' } as const)[manager];
}
