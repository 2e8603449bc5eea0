/** What happens while an image is pulled: told by engine/images/pull.ts, shown by cli/pull-progress.ts. */
export type PullEvent =
  /** A name is tried; a short name may stand for several. */
  | { readonly kind: 'trying'; readonly name: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** The layers of the image, lowest first, each once. */
  | { readonly kind: 'layers'; readonly layers: readonly PulledLayer[] }
  /** bytes of one layer that have arrived so far */
  | { readonly kind: 'received'; readonly digest: string; readonly bytes: number }
  /** A layer is unpacked, or was here already. */
  | { readonly kind: 'layer-done'; readonly digest: string; readonly present: boolean }
  | { readonly kind: 'config'; readonly digest: string }
  | { readonly kind: 'stored'; readonly id: string };

/** Who shows what happens. */
export interface PullProgress {
  readonly report: (event: PullEvent) => void;
  /** The pull is over, well or not; what is shown stays. */
  readonly close: () => Promise<void>;
}

export interface PulledLayer {
  readonly digest: string;
  /** bytes, compressed */
  readonly size: number;
}
