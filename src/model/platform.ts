/** What a container image runs on, in the words of the OCI image index: `linux`, `arm64`, `v8`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}
