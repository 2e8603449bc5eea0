/** Layers of one image on their way into the store, several at once, from a registry or from an archive. */
import type { Digest } from '../../model/digest.ts';
import type { TransferEvent } from '../../model/transfer-event.ts';
import { stageLayer, type StagedLayer } from '../../store/layers.ts';
import { forEachLayer, type LayersAtOnce } from './layers-at-once.ts';

export interface LayerSource {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  readonly diffId: Digest;
  /** Nothing is opened before the first byte is asked for. */
  readonly stream: () => AsyncIterable<Buffer>;
}

export interface StagingOptions extends LayersAtOnce {
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
  { tell, ...options }: StagingOptions,
): Promise<StagedLayers> {
  // An image may have a layer twice; one digest with two diff ids is for the check of each to refuse.
  const unique = [...new Map(sources.map((source) => [`${source.digest} ${source.diffId}`, source])).values()];
  tell({ kind: 'layers', layers: unique.map(({ digest, size }) => ({ digest, size })) });
  const layers: StagedLayer[] = [];
  const release = async () => {
    for (const layer of layers) await layer[Symbol.asyncDispose]();
  };
  try {
    await forEachLayer(unique, options, async (source) => {
      const layer = await stageLayer(source, source.diffId, counted(source, tell));
      layers.push(layer);
      tell({ kind: 'layer-done', digest: source.digest, present: layer.present });
    });
  } catch (error) {
    await release();
    throw error;
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
