/** `--signature-policy`, which Podman takes without showing it. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { parsed } from './flag.ts';

export const signaturePolicyFlag = {
  'signature-policy': parsed(parseSignaturePolicy)({
    description: 'file of containers-policy.json(5); signatures are not checked, and one that asks for them is refused',
    helpValue: 'FILE',
    hidden: true,
  }),
};

/**
 * Read a policy that asks for nothing.
 *
 * @throws {UsageError} when it cannot be read, asks for signatures, or forbids an image: nobody would keep to that
 */
function parseSignaturePolicy(path: string): string {
  if (requirements(readPolicy(path)).every((type) => type === 'insecureAcceptAnything')) return path;
  throw new UsageError(`"${path}" is a policy that asks for signatures or rejects images, and tspod looks at none`, {
    remedy: 'Let skopeo check it: skopeo --policy FILE copy docker://IMAGE oci:DIR; tspod pull oci:DIR',
  });
}

function readPolicy(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`"${path}" is no policy that can be read: ${(cause as Error).message}`, {
      cause,
      remedy: 'See containers-policy.json(5), or leave it out.',
    });
  }
}

/** Every `type` in it. */
function requirements(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries<unknown>({ ...value }).flatMap(([key, inner]) =>
    key === 'type' ? [inner] : requirements(inner),
  );
}
