/** Layers of one image on their way into the store, several at once, from a registry or from an archive. */
import type { Digest } from '../../model/digest.ts';
import type { TransferEvent } from '../../model/transfer-event.ts';
import { stageLayer, type StagedLayer } from '../../store/layers.ts';

export interface LayerSource {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  readonly diffId: Digest;
  /** Nothing is opened before the first byte is asked for. */
  readonly stream: () => AsyncIterable<Buffer>;
}

export interface StagingOptions {
  readonly atOnce: number;
  /** Aborted by the first failure, which ends what the other layers wait for. */
  readonly stop: AbortController;
  readonly tell: (event: TransferEvent) => void;
}

/** Layers that were staged; disposing of it lets go of them. */
export interface StagedLayers extends AsyncDisposable {
  readonly layers: readonly StagedLayer[];
}

/**
 * Read and unpack every layer; when one fails, the others are stopped and all are cleaned up.
 *
 * @throws the first failure; the others follow from it
 */
export async function stageLayers(
  sources: readonly LayerSource[],
  { atOnce, stop, tell }: StagingOptions,
): Promise<StagedLayers> {
  // An image may have a layer twice; one digest with two diff ids is for the check of each to refuse.
  const waiting = [...new Map(sources.map((source) => [`${source.digest} ${source.diffId}`, source])).values()];
  tell({ kind: 'layers', layers: waiting.map(({ digest, size }) => ({ digest, size })) });
  const layers: StagedLayer[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { digest, diffId } = next;
      const layer = await stageLayer(next, diffId, counted(next, tell));
      layers.push(layer);
      tell({ kind: 'layer-done', digest, present: layer.present });
    }
  };
  const results = await Promise.allSettled(
    Array.from({ length: atOnce }, async () => {
      try {
        await work();
      } catch (error) {
        waiting.length = 0;
        stop.abort(error);
        throw error;
      }
    }),
  );
  const release = async () => {
    for (const layer of layers) await layer[Symbol.asyncDispose]();
  };
  if (results.some(({ status }) => status === 'rejected')) {
    await release();
    throw stop.signal.reason;
  }
  return { layers, [Symbol.asyncDispose]: release };
}

async function* counted(
  { digest, stream }: LayerSource,
  tell: (event: TransferEvent) => void,
): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0;
  for await (const chunk of stream()) {
    bytes += chunk.length;
    tell({ kind: 'copied', digest, bytes });
    yield chunk;
  }
}
