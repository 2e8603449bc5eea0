/** What completion knows: commands and flags, and names that there are. */

/** oclif.manifest.json, as far as it matters here. */
export interface Manifest {
  readonly commands: Readonly<Record<string, ManifestCommand>>;
}

export interface ManifestCommand {
  /** `container:prune` */
  readonly id: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly hidden?: boolean;
  readonly interspersed?: boolean;
  readonly args: Readonly<Record<string, { readonly name: string; readonly multiple?: boolean }>>;
  readonly flags: Readonly<Record<string, ManifestFlag>>;
}

export interface ManifestFlag {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly aliases?: readonly string[];
  readonly description?: string;
  readonly hidden?: boolean;
  readonly options?: readonly string[];
}

export interface Candidate {
  /** The whole word that stands in place of the one that was begun. */
  readonly value: string;
  readonly about?: string | undefined;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Names of files may stand here, too. */
  readonly files: boolean;
}

/** What there is, looked up only where it may be named. */
export interface Names {
  readonly containers: (statuses?: readonly string[]) => readonly Candidate[];
  /** As `info` and `version` have it. */
  readonly info: () => Promise<unknown>;
  readonly version: () => object;
  /** One of them, as `inspect` shows it; undefined when there is none. */
  readonly inspected: (kind: 'container' | 'image') => Promise<unknown>;
  readonly images: () => Promise<readonly Candidate[]>;
  readonly secrets: () => Promise<readonly Candidate[]>;
  readonly volumes: () => readonly Candidate[];
}

export const NOTHING: Completion = { candidates: [], files: false };
