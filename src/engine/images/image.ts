/** The image of a new container: from the store, else pulled. */
import type { ContainerRequest } from '../../model/container-request.ts';
import type { TransferProgress } from '../../model/transfer-event.ts';
import { findImage, type StoredImage } from '../../store/images.ts';
import { missingImage } from './missing-image.ts';

/** What a pull shows and asks, if there must be one. */
export interface PullDialogue {
  readonly openProgress?: () => Promise<TransferProgress>;
  /** Asks which of several names is meant; undefined where there is nobody to ask. */
  readonly chooseName?: ((names: readonly string[]) => Promise<string>) | undefined;
}

/**
 * Find the image of a request as its pull policy says.
 *
 * The store is asked first and alone where it has the name: what reads registries is not loaded then.
 *
 * @throws {NotFoundError} when it is not there and must not be pulled
 */
export async function ensureImage(
  request: ContainerRequest,
  { openProgress, chooseName }: PullDialogue = {},
): Promise<StoredImage> {
  const { image: name, pull: policy } = request;
  const isFresh = policy === 'always' || policy === 'newer';
  const stored = isFresh ? undefined : (findImage(name) ?? (await findBuiltIn(name)));
  if (stored !== undefined && request.platform === undefined) return stored;
  if (policy === 'never' && stored === undefined) {
    throw missingImage(name);
  }
  const { pullImage } = await import('./pull.ts');
  const { platform, tlsVerify, authFile, certDir, credentials, retries, retryDelayMs } = request;
  const connection = { tlsVerify, authFile, certDir, credentials, retries, retryDelayMs };
  const progress = await openProgress?.();
  try {
    return await pullImage(name, { ...connection, policy, platform, chooseName, onEvent: progress?.report });
  } finally {
    await progress?.close(); // The container's own output comes after it.
  }
}

async function findBuiltIn(name: string): Promise<StoredImage | undefined> {
  const { findBuiltInImage } = await import('./built-in-image.ts');
  return await findBuiltInImage(name);
}
