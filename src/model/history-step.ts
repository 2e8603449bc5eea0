/** A step in the making of an image. */
export interface HistoryStep {
  /** Of the image that is here and ends with this step: the image itself at the last one, below it what it was made from. */
  readonly id: string | undefined;
  /** That image's names. */
  readonly tags: readonly string[];
  /** RFC 3339 */
  readonly created: string;
  readonly createdBy: string;
  /** bytes that its layer adds */
  readonly size: number;
  readonly comment: string;
}
