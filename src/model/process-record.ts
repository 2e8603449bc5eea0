/** A process of a container, as /proc shows it to the host. */
export interface ProcessRecord {
  /** Pids as the container counts; 0: a parent outside of it. */
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly hostPid: number;
  /** Ids as the host counts. */
  readonly hostIds: ProcessIds<number>;
  /** Names where the container's passwd and group files know them, else ids, as the container counts. */
  readonly users: ProcessIds<string>;
  readonly comm: string;
  /** Empty for a zombie. */
  readonly args: readonly string[];
  /** `R`, `S`, `D`, `Z`, `T`, .. */
  readonly state: string;
  readonly nice: number;
  /** `pts/0`; undefined without one. */
  readonly tty?: string | undefined;
  /** CPU time used, in milliseconds. */
  readonly cpuMs: number;
  /** milliseconds since its start */
  readonly elapsedMs: number;
  /** bytes */
  readonly virtualSize: number;
  readonly residentSize: number;
  /** Masks as hexadecimal numbers: capabilities(7). */
  readonly capabilities: Readonly<Record<'ambient' | 'bounding' | 'effective' | 'inheritable' | 'permitted', string>>;
  /** 0, 1 or 2: seccomp(2) */
  readonly seccomp: number;
  /** Of a security module; undefined without one. */
  readonly label?: string | undefined;
}

export interface ProcessIds<T> {
  readonly user: T;
  readonly realUser: T;
  readonly group: T;
  readonly realGroup: T;
  readonly groups: readonly T[];
}
