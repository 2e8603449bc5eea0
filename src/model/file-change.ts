/** A file that is not as it was: added, changed, deleted. */
export interface Change {
  readonly kind: 'A' | 'C' | 'D';
  /** Absolute. */
  readonly path: string;
}
