/** Secrets on disk: `secrets/<name>.json`, for nobody else to read: the content is in it as base64. */
import { rmSync } from 'node:fs';
import { ensureDirectory } from '../host/directory.ts';
import { withLock } from '../host/lock.ts';
import { storePath } from '../host/paths.ts';
import { listIfPresent } from '../host/present.ts';
import { removeStagedFiles } from '../host/staged-files.ts';
import { readState, writeState } from './state-file.ts';

export interface StoredSecret {
  readonly version: 1;
  /** 25 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** RFC 3339 */
  readonly created: string;
  readonly updated: string;
  readonly labels: Readonly<Record<string, string>>;
  /** base64 */
  readonly content: string;
}

/** Nobody else changes a secret meanwhile; what killed processes have written of one is gone. */
export async function withSecrets<T>(body: () => Promise<T>): Promise<T> {
  const directory = storePath('secrets');
  ensureDirectory(directory);
  return await withLock(directory, async () => {
    removeStagedFiles(directory);
    return await body();
  });
}

/** Write a secret, in place of one of the same name. */
export function writeSecret(secret: StoredSecret): void {
  writeState(storePath('secrets', `${secret.name}.json`), secret);
}

/** Remove a secret; one that is not there is none. */
export function removeSecret(name: string): void {
  rmSync(storePath('secrets', `${name}.json`), { force: true });
}

/** Every secret, by name. */
export function readSecrets(): StoredSecret[] {
  return listIfPresent(storePath('secrets'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => (readState(storePath('secrets', file)) as StoredSecret | undefined) ?? []);
}
