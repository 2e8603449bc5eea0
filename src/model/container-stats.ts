/** What a container uses; a field is absent where the host does not tell. */
export interface ContainerStats {
  readonly id: string;
  readonly name: string;
  /** When this was read, in milliseconds since 1970. */
  readonly atMs: number;
  /** CPU time since the start, in nanoseconds: all of it, and the kernel's part. */
  readonly cpuNs?: number | undefined;
  readonly cpuSystemNs?: number | undefined;
  /** Percent of one CPU, since the sample before and since the start. */
  readonly cpu?: number | undefined;
  readonly averageCpu?: number | undefined;
  /** bytes, without what the kernel would give back first */
  readonly memory?: number | undefined;
  readonly memoryLimit?: number | undefined;
  /** bytes; absent without a network of its own */
  readonly netInput?: number | undefined;
  readonly netOutput?: number | undefined;
  /** bytes */
  readonly blockInput?: number | undefined;
  readonly blockOutput?: number | undefined;
  readonly pids?: number | undefined;
}
