/** An image that a registry has, or one tag of it. */
export interface FoundImage {
  readonly registry: string;
  /** With the registry, without a tag. */
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly isOfficial: boolean;
  readonly isAutomated: boolean;
  /** Empty where only names were looked for. */
  readonly tag: string;
}
