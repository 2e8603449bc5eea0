/** Layers that are made here and not elsewhere: nobody promises their digest. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { toDigest, type Digest } from '../model/digest.ts';
import { stageLayer, type StagedLayer } from './layers.ts';
import { explainNoSpace } from './no-space.ts';
import { openStaging } from './staging.ts';

/** A layer whose blob is its tar archive as it is, so that both have the same digest. */
export interface NewLayer extends StagedLayer {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/**
 * Bring an uncompressed tar archive into the store as a layer, ready to be committed.
 *
 * @throws {TspodError} when it is malformed or the disk is full; nothing is left behind then
 */
export async function stageNewLayer(tar: AsyncIterable<Buffer>): Promise<NewLayer> {
  await using staging = await openStaging();
  const { digest, size } = await saveTar(tar, staging.file('tar'));
  const layer = await stageLayer({ digest, size }, digest, staging.file('tar'));
  return { ...layer, digest, size };
}

async function saveTar(tar: AsyncIterable<Buffer>, path: string): Promise<{ digest: Digest; size: number }> {
  const hash = createHash('sha256');
  const file = openSync(path, 'wx', 0o600);
  let size = 0;
  try {
    for await (const chunk of tar) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; at += writeSync(file, chunk, at));
      size += chunk.length;
    }
  } catch (error) {
    throw explainNoSpace(error, 'the new layer');
  } finally {
    closeSync(file);
  }
  return { digest: toDigest('sha256', hash.digest('hex')), size };
}
