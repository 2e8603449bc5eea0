/** Work on the layers of an image, several at once. */

export interface LayersAtOnce {
  readonly atOnce: number;
  /** Aborted by the first failure, which ends what the other layers wait for. */
  readonly stop: AbortController;
}

/**
 * Work on each layer; when one fails, no other is begun.
 *
 * @throws the first failure; the others follow from it
 */
export async function forEachLayer<Layer>(
  layers: readonly Layer[],
  { atOnce, stop }: LayersAtOnce,
  work: (layer: Layer) => Promise<void>,
): Promise<void> {
  const waiting = [...layers];
  const results = await Promise.allSettled(
    Array.from({ length: atOnce }, async () => {
      try {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
      } catch (error) {
        waiting.length = 0;
        stop.abort(error);
        throw error;
      }
    }),
  );
  if (results.some(({ status }) => status === 'rejected')) throw stop.signal.reason;
}
