/** Digests of content: `sha256:` and 64 hexadecimal digits (OCI image-spec, descriptor.md#digests). */
import { UsageError } from '../errors.ts';

export type Digest = string & { readonly __brand: 'Digest' };
export type DigestAlgorithm = 'sha256' | 'sha512';

/** Hexadecimal digits of each algorithm that the OCI specification registers. */
const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha512: 128 };

/** @throws {UsageError} when the text is not a digest, or of an algorithm that nobody uses for images */
export function parseDigest(text: string): Digest {
  const { algorithm = '', hex = '' } = /^(?<algorithm>[a-z0-9]+):(?<hex>[0-9a-f]+)$/.exec(text)?.groups ?? {};
  if (algorithm !== 'sha256' && algorithm !== 'sha512') throw notADigest(text);
  if (hex.length !== HEX_LENGTH[algorithm]) throw notADigest(text);
  return text as Digest;
}

/** The digest that a hash of this algorithm gave. */
export function toDigest(algorithm: DigestAlgorithm, hex: string): Digest {
  return parseDigest(`${algorithm}:${hex}`);
}

/** What stands before the colon: `sha256`. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512';
}

/** The hexadecimal digits alone: a name for a file. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

function notADigest(text: string): UsageError {
  return new UsageError(`"${text}" is not a digest: "sha256:" and 64 lower-case hexadecimal digits are expected`);
}
