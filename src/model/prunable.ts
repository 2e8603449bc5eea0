/** What `prune` chooses by, of containers, images and volumes. */
export interface Prunable {
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339 */
  readonly created: string;
}
