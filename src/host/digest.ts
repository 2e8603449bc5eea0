import { createHash } from 'node:crypto';
import { toDigest, type Digest, type DigestAlgorithm } from '../model/digest.ts';

/** The digest of bytes in memory. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return toDigest(algorithm, createHash(algorithm).update(bytes).digest('hex'));
}
