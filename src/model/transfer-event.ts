/** What happens while layers are copied: told by pull, load, save and push, shown by cli/transfer-progress.ts. */
export type TransferEvent =
  /** A name is tried; a short name may stand for several. */
  | { readonly kind: 'trying'; readonly name: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** The layers of the image, lowest first, each once. */
  | { readonly kind: 'layers'; readonly layers: readonly TransferredLayer[] }
  /** bytes of one layer that are copied so far */
  | { readonly kind: 'copied'; readonly digest: string; readonly bytes: number }
  /** A layer is copied, or was there already. */
  | { readonly kind: 'layer-done'; readonly digest: string; readonly present: boolean }
  | { readonly kind: 'config'; readonly digest: string }
  | { readonly kind: 'manifest' }
  | { readonly kind: 'stored'; readonly id: string };

/** Who shows what happens. */
export interface TransferProgress {
  readonly report: (event: TransferEvent) => void;
  /** It is over, well or not; what is shown stays. */
  readonly close: () => Promise<void>;
}

export interface TransferredLayer {
  readonly digest: string;
  /** bytes, compressed */
  readonly size: number;
}
