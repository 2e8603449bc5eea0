/** The status of a container, derived from evidence: nothing stores it, so nothing can be wrong after a crash. */
export type ContainerStatus =
  'created' | 'initialized' | 'running' | 'paused' | 'restarting' | 'stopping' | 'exited' | 'unknown';

/** A process that a pid alone would not identify: field 22 of /proc/PID/stat, in clock ticks, and the boot. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
  readonly bootId: string;
}

/** `init.json`: written by the monitor for each start of init. */
export interface InitRecord extends ProcessIdentity {
  /** RFC 3339 */
  readonly startedAt: string;
  readonly monitorPid: number;
  readonly monitorStartTime: number;
  readonly restartCount: number;
  /** The container's cgroup below /sys/fs/cgroup; empty without one. */
  readonly cgroup: string;
}

/** `exit.json`: written by the monitor before it reaps init. */
export interface ExitRecord {
  /** As a shell counts: 128 + signal. */
  readonly exitCode: number;
  readonly signal: number;
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restartCount: number;
  readonly stoppedByUser: boolean;
  /** The monitor will start init again, as the policy that it knows wants, or a health check; the config may say otherwise. */
  readonly restarting: boolean;
}

export interface Evidence {
  readonly init?: InitRecord | undefined;
  readonly exit?: ExitRecord | undefined;
  readonly initAlive: boolean;
  readonly monitorAlive: boolean;
  readonly frozen: boolean;
  /** `init` has written the runtime spec, which is in this boot's runtime directory. */
  readonly prepared: boolean;
  /** The boot that is running now. */
  readonly bootId: string;
}

/** Whether nothing of a container runs: it can be started, removed or mounted. */
export function isDown(status: ContainerStatus): boolean {
  return ['created', 'initialized', 'exited', 'unknown'].includes(status);
}

/** Whether the processes of a container are there, frozen or not. */
export function isUp(status: ContainerStatus): boolean {
  return status === 'running' || status === 'paused';
}

/** Whether a container has not run yet. */
export function isNew(status: ContainerStatus): boolean {
  return status === 'created' || status === 'initialized';
}

/**
 * Derive the status from what the disk and the kernel show.
 *
 * `unknown` means that the monitor was killed in this boot; `rm` and `start` accept it.
 */
export function deriveStatus({
  init,
  exit,
  initAlive,
  monitorAlive,
  frozen,
  prepared,
  bootId,
}: Evidence): ContainerStatus {
  if (init === undefined && exit === undefined) return prepared ? 'initialized' : 'created';
  if (init === undefined) return 'exited';
  if (initAlive) return frozen ? 'paused' : 'running';
  if (exit !== undefined && !exit.restarting) return 'exited'; // The monitor may still be on its way out.
  if (monitorAlive) return exit === undefined ? 'stopping' : 'restarting';
  if (exit !== undefined || init.bootId !== bootId) return 'exited';
  return 'unknown';
}
