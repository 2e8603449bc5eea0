/** What `tspod doctor` found out about one thing that the host grants or does not. */
export interface Finding {
  /** The thing: `user namespaces`. */
  readonly name: string;
  /** `limited`: containers run, but something that was named does not work. */
  readonly status: 'ok' | 'limited' | 'failed';
  /** What is there, or what is missing and what that means. */
  readonly detail: string;
  /** What cures it; present unless it is ok. */
  readonly remedy?: string;
}
